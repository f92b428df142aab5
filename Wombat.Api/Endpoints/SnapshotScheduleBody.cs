using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Containers;

namespace Wombat.Api.Endpoints;

/// <summary>When snapshots of a container are made, and how long they are kept.</summary>
internal sealed class SnapshotScheduleBody
{
    /// <summary>Five fields, in UTC.</summary>
    /// <example>0 3 * * *</example>
    [Required]
    [StringLength(SnapshotSchedule.CronMax, MinimumLength = 1)]
    public string? Cron { get; init; }

    /// <summary>Days after which such a snapshot is deleted.</summary>
    /// <example>7</example>
    [Required]
    [Range(SnapshotSchedule.KeepDaysMin, SnapshotSchedule.KeepDaysMax)]
    public int? KeepDays { get; init; }

    internal SnapshotSchedule ToSchedule() => new(Cron ?? "", KeepDays ?? 0);
}
