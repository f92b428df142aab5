namespace Wombat.Application.Containers;

/// <summary>When snapshots of a container are made, and how long they are kept.</summary>
/// <param name="Cron">Five fields, in UTC.</param>
/// <param name="KeepDays">Days after which such a snapshot is deleted.</param>
public sealed record SnapshotScheduleDto(string Cron, int KeepDays);
