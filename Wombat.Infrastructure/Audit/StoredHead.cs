using System.Security.Cryptography;

namespace Wombat.Infrastructure.Audit;

/// <summary>A head with its signature, as it is stored.</summary>
public sealed record StoredHead(AuditHead Head, string KeyId, byte[] Signature)
{
    /// <summary>The digest that the next head contains.</summary>
    public byte[] Digest() => SHA256.HashData([.. Head.Bytes(), .. Signature]);
}
