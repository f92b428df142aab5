using System.Security.Cryptography;
using System.Text;

namespace Wombat.TestSupport;

/// <summary>Public SSH keys without a private key.</summary>
public static class SshTestKey
{
    private static readonly byte[] Head = [0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32];

    /// <summary>The key in the format of OpenSSH; the same for the same seed.</summary>
    public static string Line(string seed, string comment) =>
        $"ssh-ed25519 {Convert.ToBase64String([.. Head, .. SHA256.HashData(Encoding.UTF8.GetBytes(seed))])} {comment}";
}
