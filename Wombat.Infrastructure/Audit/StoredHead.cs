using System.Security.Cryptography;

namespace Wombat.Infrastructure.Audit;

/// <summary>A signed head as it is stored.</summary>
public sealed record StoredHead(AuditHead Head, string KeyId, byte[] Signature)
{
    /// <summary>What the next head links to.</summary>
    public byte[] Digest() => SHA256.HashData([.. Head.Bytes(), .. Signature]);
}
