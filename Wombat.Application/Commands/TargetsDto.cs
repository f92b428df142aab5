namespace Wombat.Application.Commands;

/// <summary>The targets of a workspace's Makefile.</summary>
/// <param name="Items">In alphabetical order.</param>
/// <param name="Problem">What make or Wombat found wrong; null if nothing. The list may be incomplete then.</param>
public sealed record TargetsDto(IReadOnlyList<TargetDto> Items, string? Problem);
