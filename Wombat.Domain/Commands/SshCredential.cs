namespace Wombat.Domain.Commands;

/// <summary>With what Wombat signs in to a host.</summary>
/// <param name="PrivateKey">The encrypted key; null if it is elsewhere.</param>
/// <param name="PublicKey">The public half, for the file authorized_keys of the account; empty if Wombat does not know it.</param>
/// <param name="KeyFile">The path of the key in the directory of key files; null if it is elsewhere.</param>
public sealed record SshCredential(SshKeySource Source, byte[]? PrivateKey, string PublicKey, string? KeyFile)
{
    public static SshCredential Stored(byte[] privateKey, string publicKey) => new(SshKeySource.Stored, privateKey, publicKey, null);

    // A record's default ToString would print the private key.
    public override string ToString() => $"{Source}";
}
