using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>With which key Wombat is to sign in to a host.</summary>
/// <param name="KeyFile">The path of the key in the directory of key files; null if it is elsewhere.</param>
/// <param name="PrivateKey">The key to store; null for a new one.</param>
public sealed record HostKeyInput(SshKeySource KeySource, string? KeyFile, string? PrivateKey)
{
    /// <summary>A new key, which is stored.</summary>
    public static readonly HostKeyInput New = new(SshKeySource.Stored, null, null);

    // A record's default ToString would print the private key.
    public override string ToString() => $"{KeySource}";
}
