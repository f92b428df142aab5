using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Wombat.Infrastructure.Persistence.Tables;

/// <summary>The signed head of the audit chain of one day.</summary>
[Table("audit_heads")]
[Index(nameof(Number), IsUnique = true, Name = "ux_audit_heads_number")]
internal sealed class AuditHeadRow
{
    [Key]
    public DateOnly Day { get; init; }

    public long Position { get; init; }

    public required byte[] Hash { get; init; }

    public long Number { get; init; }

    public required byte[] Previous { get; init; }

    [MaxLength(64)]
    public required string KeyId { get; init; }

    public required byte[] Signature { get; init; }

    public DateTimeOffset SignedAt { get; init; }
}
