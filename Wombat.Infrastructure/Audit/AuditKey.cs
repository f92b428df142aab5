using System.Security.Cryptography;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Audit;

/// <summary>
/// The key that signs the heads of the audit log. It is stored outside the database, so that somebody who can change the database
/// cannot sign the changed log. The operator provides the file, or Wombat creates it in the data directory.
/// </summary>
public sealed class AuditKey : IDisposable
{
    private readonly ECDsa key;

    public AuditKey(WombatSettings settings)
    {
        var file = settings.Audit.SigningKeyFile ?? Path.Combine(settings.DataDirectory, "audit-key.pem");
        key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (settings.Audit.SigningKeyFile is null && !File.Exists(file))
        {
            Directory.CreateDirectory(settings.DataDirectory, PrivateFiles.FolderMode);
            SecretFile.Write(file, key.ExportPkcs8PrivateKeyPem());
        }

        try
        {
            key.ImportFromPem(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            throw new SettingsException("audit.signing_key_file", $"{file} is not a readable PEM file with an EC private key");
        }

        HeadFile = file + ".head";
        Id = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..16];
    }

    /// <summary>Identifies the key; derived from the public key.</summary>
    public string Id { get; }

    /// <summary>The file with a copy of the last signed head, out of reach of somebody who controls the database.</summary>
    public string HeadFile { get; }

    public byte[] Sign(AuditHead head) => key.SignData(head.Bytes(), HashAlgorithmName.SHA256);

    public bool Verify(AuditHead head, byte[] signature) => key.VerifyData(head.Bytes(), signature, HashAlgorithmName.SHA256);

    public void Dispose() => key.Dispose();
}
