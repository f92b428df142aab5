using System.Security.Cryptography;

namespace Wombat.Infrastructure.Databases;

/// <summary>Passwords of the users of databases.</summary>
internal static class DatabasePassword
{
    // No character that a URI, a shell or a connection string would have to escape.
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int Length = 32;

    public static string New() => RandomNumberGenerator.GetString(Alphabet, Length);
}
