using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Wombat.Infrastructure.Persistence.Tables;

/// <summary>A host with a worker, and its last heartbeat.</summary>
[Table("hosts")]
internal sealed class HostRow
{
    [Key, DatabaseGenerated(DatabaseGeneratedOption.None)]
    public Guid Id { get; init; }

    [MaxLength(255)]
    public required string Name { get; init; }

    public DateTimeOffset LastSeenAt { get; init; }
}
