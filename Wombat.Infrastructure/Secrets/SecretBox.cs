using System.Security.Cryptography;
using System.Text;
using Wombat.Application.Common;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Secrets;

/// <summary>
/// Encrypts stored secrets with AES-256-GCM and keys from a file outside the database. The file has one key per line, base64 of 32
/// bytes. The first key encrypts, all keys decrypt. To replace a key, insert the new one as the first line and re-encrypt everything
/// (<see cref="SecretRotation"/>).
/// </summary>
public sealed class SecretBox : ISecretBox
{
    private const byte FormatVersion = 1;
    private const int KeySize = 32;
    private const int IdSize = 4;
    private const int Overhead = 1 + IdSize + NonceSize + TagSize;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly bool isManaged;
    private volatile List<(byte[] Id, byte[] Key)> keys;

    /// <exception cref="SettingsException">The file cannot be read or contains no key.</exception>
    public SecretBox(WombatSettings settings)
    {
        FilePath = settings.SecretsKeyFile ?? Path.Combine(settings.DataDirectory, "secrets-key");
        if (settings.SecretsKeyFile is null && !File.Exists(FilePath))
        {
            Directory.CreateDirectory(settings.DataDirectory, PrivateFiles.FolderMode);
            SecretFile.Write(FilePath, NewKey());
        }

        isManaged = settings.SecretsKeyFile is null;
        keys = Load(FilePath);
    }

    public string FilePath { get; }

    /// <summary>
    /// Inserts a new key as the first one if Wombat manages the file; otherwise the operator has inserted it. Reloads the keys.
    /// </summary>
    public void AddKey()
    {
        if (isManaged)
        {
            SecretFile.Write(FilePath, string.Join('\n', [NewKey(), .. File.ReadAllLines(FilePath)]));
        }

        keys = Load(FilePath);
    }

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeySize));

    /// <param name="purpose">Where the secret is stored. It can only be decrypted with the same purpose.</param>
    public byte[] Seal(string purpose, ReadOnlySpan<byte> secret)
    {
        var (id, key) = keys[0];
        var sealedBytes = new byte[Overhead + secret.Length];
        sealedBytes[0] = FormatVersion;
        id.CopyTo(sealedBytes, 1);
        var nonce = sealedBytes.AsSpan(1 + IdSize, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(
            nonce,
            secret,
            sealedBytes.AsSpan(Overhead),
            sealedBytes.AsSpan(1 + IdSize + NonceSize, TagSize),
            Encoding.UTF8.GetBytes(purpose)
        );
        return sealedBytes;
    }

    /// <exception cref="CryptographicException">The data was not encrypted here, was encrypted for another purpose or with an unknown key,
    /// or was changed.</exception>
    public byte[] Open(string purpose, ReadOnlySpan<byte> sealedBytes)
    {
        if (sealedBytes.Length < Overhead || sealedBytes[0] != FormatVersion || Find(sealedBytes.Slice(1, IdSize)) is not { } key)
        {
            throw new CryptographicException("The stored secret cannot be decrypted with the keys in secrets.key_file.");
        }

        var secret = new byte[sealedBytes.Length - Overhead];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(
            sealedBytes.Slice(1 + IdSize, NonceSize),
            sealedBytes[Overhead..],
            sealedBytes.Slice(1 + IdSize + NonceSize, TagSize),
            secret,
            Encoding.UTF8.GetBytes(purpose)
        );
        return secret;
    }

    /// <summary>Whether the data is encrypted with the first key.</summary>
    public bool IsCurrent(ReadOnlySpan<byte> sealedBytes) =>
        sealedBytes.Length >= Overhead && sealedBytes.Slice(1, IdSize).SequenceEqual(keys[0].Id);

    // Another process may have added the key since the file was read.
    private byte[]? Find(ReadOnlySpan<byte> id)
    {
        var keyId = id.ToArray();
        byte[]? Search() => keys.Find(k => k.Id.AsSpan().SequenceEqual(keyId)).Key;
        if (Search() is { } key)
        {
            return key;
        }

        keys = Load(FilePath);
        return Search();
    }

    private static List<(byte[] Id, byte[] Key)> Load(string file)
    {
        List<byte[]> read;
        try
        {
            read = [.. File.ReadLines(file).Where(l => l.Trim().Length > 0).Select(l => Convert.FromBase64String(l.Trim()))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new SettingsException("secrets.key_file", $"{file} cannot be read as lines of base64");
        }

        return read.Count > 0 && read.TrueForAll(k => k.Length == KeySize)
            ? read.ConvertAll(k => (SHA256.HashData(k)[..IdSize], k))
            : throw new SettingsException(
                "secrets.key_file",
                $"{file} must contain at least one key of {KeySize} bytes in base64, one per line"
            );
    }
}
