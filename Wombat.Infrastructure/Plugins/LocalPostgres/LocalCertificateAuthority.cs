using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Postgres;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>The certificate authority of this machine's databases. Its key lies beside them and never leaves the machine.</summary>
internal sealed class LocalCertificateAuthority(LocalPostgresOptions options, TimeProvider clock)
{
    private static readonly TimeSpan AuthorityLifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan ServerLifetime = TimeSpan.FromDays(730);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(90);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromDays(1);

    private readonly Lock turn = new();

    /// <summary>The authority's certificate in PEM format.</summary>
    public string CertificateFile => Path.Combine(options.Folder, "ca.crt");

    private string KeyFile => Path.Combine(options.Folder, "ca.key");

    /// <summary>Gives a server a certificate if it has none or one that ends soon. The server reads it when it starts.</summary>
    public void EnsureServerCertificate(InstanceFolder folder, PostgresUser user)
    {
        if (!IsValid(folder))
        {
            using var authority = LoadAuthority();
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={options.Host}", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(Names());
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
            request.CertificateExtensions.Add(
                new X509EnhancedKeyUsageExtension(new OidCollection { new Oid("1.3.6.1.5.5.7.3.1") }, critical: false)
            );
            var now = clock.GetUtcNow();
            using var certificate = request.Create(authority, now - ClockSkew, now + ServerLifetime, RandomNumberGenerator.GetBytes(16));

            // One file, so that certificate and key always belong together.
            SecretFile.Write(folder.ServerCertificate, $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}");
        }

        user.ChangeOwner(folder.ServerCertificate);
    }

    private bool IsValid(InstanceFolder folder)
    {
        if (!File.Exists(folder.ServerCertificate))
        {
            return false;
        }

        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(folder.ServerCertificate));
        using var authority = LoadAuthority();
        return certificate.NotAfter > (clock.GetUtcNow() + RenewBefore).LocalDateTime
            && certificate.Subject == $"CN={options.Host}"
            && certificate.IssuerName.RawData.AsSpan().SequenceEqual(authority.SubjectName.RawData);
    }

    private X509Certificate2 LoadAuthority()
    {
        lock (turn)
        {
            if (!File.Exists(CertificateFile))
            {
                Directory.CreateDirectory(options.Folder);
                using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                var request = new CertificateRequest(
                    $"CN=Wombat local databases {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}",
                    key,
                    HashAlgorithmName.SHA256
                );
                request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
                request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
                var now = clock.GetUtcNow();
                using var made = request.CreateSelfSigned(now - ClockSkew, now + AuthorityLifetime);
                SecretFile.Write(KeyFile, key.ExportPkcs8PrivateKeyPem());
                SecretFile.Write(CertificateFile, made.ExportCertificatePem());
            }

            return X509Certificate2.CreateFromPemFile(CertificateFile, KeyFile);
        }
    }

    private X509Extension Names()
    {
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(options.Host, out var host))
        {
            names.AddIpAddress(host);
        }
        else
        {
            names.AddDnsName(options.Host);
        }

        if (!options.Address.Equals(host))
        {
            names.AddIpAddress(options.Address);
        }

        return names.Build();
    }
}
