namespace Wombat.Application.Common;

/// <summary>Encrypts secrets that are stored in the database.</summary>
public interface ISecretBox
{
    /// <param name="purpose">Where the secret is stored. It can only be decrypted with the same purpose.</param>
    byte[] Seal(string purpose, ReadOnlySpan<byte> secret);

    /// <exception cref="System.Security.Cryptography.CryptographicException">The data was not encrypted here, was encrypted for another
    /// purpose or with an unknown key, or was changed.</exception>
    byte[] Open(string purpose, ReadOnlySpan<byte> sealedBytes);
}
