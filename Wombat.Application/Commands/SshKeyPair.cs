namespace Wombat.Application.Commands;

/// <summary>A key with which Wombat signs in to a host.</summary>
/// <param name="PrivateKey">In OpenSSH's format, without a passphrase.</param>
/// <param name="PublicKey">A line for authorized_keys.</param>
public sealed record SshKeyPair(string PrivateKey, string PublicKey)
{
    // A record's default ToString would print the private key.
    public override string ToString() => nameof(SshKeyPair);
}
