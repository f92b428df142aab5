namespace Wombat.Application.Commands;

/// <summary>When a schedule would fire.</summary>
/// <param name="NextFires">The next five fires in UTC.</param>
public sealed record SchedulePlanDto(IReadOnlyList<DateTimeOffset> NextFires);
