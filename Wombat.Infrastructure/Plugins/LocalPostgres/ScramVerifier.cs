using System.Security.Cryptography;
using System.Text;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>
/// What PostgreSQL stores of a password (RFC 5803). Made here, so that passwords appear in no statement.
/// </summary>
internal static class ScramVerifier
{
    private const int Iterations = 4096;
    private const int KeyLength = 32;

    /// <param name="password">Printable ASCII, which SASLprep leaves as it is.</param>
    public static string Create(string password) => Create(password, RandomNumberGenerator.GetBytes(16), Iterations);

    /// <summary>Whether a verifier was made of this password.</summary>
    public static bool Matches(string verifier, string password) =>
        verifier.Split('$') is ["SCRAM-SHA-256", var parameters, _]
        && parameters.Split(':') is [var iterations, var salt]
        && int.TryParse(iterations, out var count)
        && count is > 0 and <= 100_000
        && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(verifier),
            Encoding.ASCII.GetBytes(Create(password, Convert.FromBase64String(salt), count))
        );

    private static string Create(string password, byte[] salt, int iterations)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, KeyLength);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${iterations}:{Convert.ToBase64String(salt)}$"
            + $"{Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }
}
