using System.Text;

namespace Wombat.Infrastructure.Audit;

/// <summary>A head of the audit log: the state of the hash chain that is signed.</summary>
/// <param name="Kind"><c>day</c> for the head of a day, <c>floor</c> for the start of the retained chain.</param>
/// <param name="Day">ISO date, empty for a floor.</param>
/// <param name="Position">The last position of the chain at that time.</param>
/// <param name="Hash">The chain's hash at that position.</param>
/// <param name="Number">Counts the heads from 1; null for a floor.</param>
/// <param name="Previous">The digest of the previous head; empty for the first.</param>
public sealed record AuditHead(string Kind, string Day, long Position, byte[] Hash, long? Number = null, byte[]? Previous = null)
{
    public byte[] Bytes() =>
        Encoding.UTF8.GetBytes(
            $"wombat-audit {Kind} {Day} {Position} {Convert.ToHexStringLower(Hash)}{(Number is { } number ? $" {number} {Convert.ToHexStringLower(Previous ?? [])}" : "")}"
        );
}
