using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Wombat.Infrastructure.Postgres;

/// <summary>Chooses the folder of a server's Unix socket.</summary>
internal static class PostgresSocketFolder
{
    private const int SocketPathMax = 100;

    /// <summary>Characters that neither a shell nor a list of folders in postgresql.conf interprets.</summary>
    public static readonly SearchValues<char> SafeCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-"
    );

    /// <summary>
    /// The folder <c>socket</c> of the server; one in /tmp if its path is too long for a socket or has a character that is not safe.
    /// </summary>
    public static string For(string serverFolder)
    {
        var folder = Path.Combine(serverFolder, "socket");
        return
            Encoding.UTF8.GetByteCount(folder) <= SocketPathMax - ".s.PGSQL.65535".Length
            && !folder.AsSpan().ContainsAnyExcept(SafeCharacters)
            ? folder
            : Path.Combine("/tmp", $"wombat-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(serverFolder)))[..16]}");
    }

    /// <summary>Deletes the folder in /tmp, if there is one.</summary>
    public static void DeleteOutside(string serverFolder)
    {
        var folder = For(serverFolder);
        if (Path.GetDirectoryName(folder) != serverFolder && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
