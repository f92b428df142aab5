using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Wombat.Infrastructure.Persistence.Tables;

/// <summary>Refused requests that were counted and not written to the audit.</summary>
[Table("refusal_counts")]
[PrimaryKey(nameof(Minute), nameof(Source), nameof(Status))]
internal sealed class RefusalCountRow
{
    public DateTimeOffset Minute { get; init; }

    [MaxLength(255)]
    public required string Source { get; init; }

    public int Status { get; init; }

    public long Refusals { get; init; }
}
