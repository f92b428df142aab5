namespace Wombat.Application.Commands;

/// <summary>A time at which a schedule will fire.</summary>
/// <param name="At">In UTC.</param>
/// <param name="TimeZone">The time zone of the schedule.</param>
public sealed record FireDto(
    DateTimeOffset At,
    Guid ScheduleId,
    string ScheduleName,
    Guid CommandId,
    string CommandName,
    Guid? ProjectId,
    string TimeZone
);
