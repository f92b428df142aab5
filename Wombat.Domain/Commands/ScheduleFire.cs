namespace Wombat.Domain.Commands;

/// <summary>A time of a schedule that was handled. That it exists keeps every replica from handling the time again.</summary>
public sealed class ScheduleFire
{
    public Guid ScheduleId { get; init; }

    /// <summary>The instant, whatever the clocks of the time zone show.</summary>
    public DateTimeOffset At { get; init; }
}
