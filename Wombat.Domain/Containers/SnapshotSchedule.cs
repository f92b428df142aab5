namespace Wombat.Domain.Containers;

/// <summary>When snapshots of a container are made, and how long they are kept.</summary>
/// <param name="Cron">Five fields, in UTC.</param>
/// <param name="KeepDays">Days after which such a snapshot is deleted.</param>
/// <param name="LastAt">When the last one was requested, or else when the schedule was first seen; null before that.</param>
public sealed record SnapshotSchedule(string Cron, int KeepDays, DateTimeOffset? LastAt = null)
{
    public const int CronMax = 100;
    public const int KeepDaysMin = 1;
    public const int KeepDaysMax = 366;
}
