using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Wombat.Infrastructure.Persistence.Tables;

/// <summary>What a running container used at a time. CPU time and bytes are counted since its start.</summary>
[Table("container_samples")]
[PrimaryKey(nameof(ContainerId), nameof(At))]
[Index(nameof(At), Name = "ix_container_samples_at")]
internal sealed class ContainerSampleRow
{
    public Guid ContainerId { get; init; }

    public DateTimeOffset At { get; init; }

    public long? Started { get; init; }

    public long? CpuMs { get; init; }

    public long? Memory { get; init; }

    public long? Disk { get; init; }

    public long? Received { get; init; }

    public long? Sent { get; init; }

    public long? Processes { get; init; }
}
