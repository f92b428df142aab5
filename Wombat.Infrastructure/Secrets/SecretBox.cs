using System.Security.Cryptography;
using System.Text;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Secrets;

/// <summary>
/// Encrypts what Wombat must store and be able to read again, with AES-256-GCM and keys that lie outside of the database.
/// The file has one key a line, base64 of 32 bytes; the first encrypts, all decrypt, so a key is replaced by putting the
/// new one before it and sealing everything anew (<see cref="SecretRotation"/>).
/// </summary>
public sealed class SecretBox
{
    private const byte Form = 1;
    private const int KeySize = 32;
    private const int IdSize = 4;
    private const int Overhead = 1 + IdSize + NonceSize + TagSize;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly bool isOurs;
    private volatile List<(byte[] Id, byte[] Key)> keys;

    /// <exception cref="SettingsException">The file cannot be read or holds no key.</exception>
    public SecretBox(WombatSettings settings)
    {
        FilePath = settings.SecretsKeyFile ?? Path.Combine(settings.DataDirectory, "secrets-key");
        if (settings.SecretsKeyFile is null && !File.Exists(FilePath))
        {
            Directory.CreateDirectory(settings.DataDirectory, PrivateFiles.FolderMode);
            SecretFile.Write(FilePath, NewKey());
        }

        isOurs = settings.SecretsKeyFile is null;
        keys = Load(FilePath);
    }

    public string FilePath { get; }

    /// <summary>Puts a new key before the others, where the file is one of Wombat's own making; the operator's is the operator's to change.</summary>
    public void AddKey()
    {
        if (isOurs)
        {
            SecretFile.Write(FilePath, string.Join('\n', [NewKey(), .. File.ReadAllLines(FilePath)]));
        }

        keys = Load(FilePath);
    }

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeySize));

    /// <param name="purpose">Where it will lie; what was sealed for one place opens in no other.</param>
    public byte[] Seal(string purpose, ReadOnlySpan<byte> secret)
    {
        var (id, key) = keys[0];
        var sealedBytes = new byte[Overhead + secret.Length];
        sealedBytes[0] = Form;
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

    /// <exception cref="CryptographicException">Not sealed here, for another purpose, with a key that is gone, or altered.</exception>
    public byte[] Open(string purpose, ReadOnlySpan<byte> sealedBytes)
    {
        if (sealedBytes.Length < Overhead || sealedBytes[0] != Form || Find(sealedBytes.Slice(1, IdSize)) is not { } key)
        {
            throw new CryptographicException("The stored secret cannot be opened with the keys of secrets.key_file.");
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

    /// <summary>Whether the first key sealed it.</summary>
    public bool IsCurrent(ReadOnlySpan<byte> sealedBytes) =>
        sealedBytes.Length >= Overhead && sealedBytes.Slice(1, IdSize).SequenceEqual(keys[0].Id);

    // A key that is not known here may have been added beside us since.
    private byte[]? Find(ReadOnlySpan<byte> id)
    {
        var wanted = id.ToArray();
        byte[]? Known() => keys.Find(k => k.Id.AsSpan().SequenceEqual(wanted)).Key;
        if (Known() is { } key)
        {
            return key;
        }

        keys = Load(FilePath);
        return Known();
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
                $"{file} must hold at least one key of {KeySize} bytes in base64, one a line"
            );
    }
}
