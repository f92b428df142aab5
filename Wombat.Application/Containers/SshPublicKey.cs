using System.Buffers.Binary;
using System.Text;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>The one-line form of an OpenSSH public key: type, base64, comment; the base64 begins with the type again.</summary>
internal static class SshPublicKey
{
    public static bool LooksRight(string? line)
    {
        if (line is null or { Length: > Container.SshKeyMax } || line.Any(char.IsControl))
        {
            return false;
        }

        var parts = line.Split(' ', 3);
        if (parts.Length < 2 || parts[0].Length is 0 or > 64)
        {
            return false;
        }

        var blob = new byte[parts[1].Length];
        return Convert.TryFromBase64String(parts[1], blob, out var written)
            && written > 4
            && BinaryPrimitives.ReadInt32BigEndian(blob) is var length && length == parts[0].Length && written > 4 + length
            && Encoding.ASCII.GetString(blob, 4, length) == parts[0];
    }
}
