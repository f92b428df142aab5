using System.Security.Cryptography;
using System.Text;

namespace Wombat.TestSupport;

/// <summary>Public SSH keys that nobody has the private half of.</summary>
public static class SshTestKey
{
    private static readonly byte[] Head = [0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32];

    /// <summary>OpenSSH's one-line form; the same for the same seed.</summary>
    public static string Line(string seed, string comment) =>
        $"ssh-ed25519 {Convert.ToBase64String([.. Head, .. SHA256.HashData(Encoding.UTF8.GetBytes(seed))])} {comment}";
}
