namespace Wombat.Application.Commands;

/// <summary>The next fires of schedules.</summary>
/// <param name="Items">In the order of their times.</param>
/// <param name="IsTruncated">Whether there are more in the time that was asked for.</param>
public sealed record FiresDto(IReadOnlyList<FireDto> Items, bool IsTruncated);
