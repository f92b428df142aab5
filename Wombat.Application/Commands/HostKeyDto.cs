using System.Security.Cryptography;

namespace Wombat.Application.Commands;

/// <summary>A host key.</summary>
/// <param name="Type">As in known_hosts.</param>
/// <param name="Fingerprint">As <c>ssh-keygen -l</c> prints it.</param>
public sealed record HostKeyDto(string Type, string Fingerprint)
{
    private const int Parts = 2;

    /// <param name="key">Type and base64.</param>
    internal static HostKeyDto Of(string key)
    {
        var parts = key.Split(' ', Parts);
        return new HostKeyDto(
            parts[0],
            $"SHA256:{Convert.ToBase64String(SHA256.HashData(Convert.FromBase64String(parts[1]))).TrimEnd('=')}"
        );
    }
}
