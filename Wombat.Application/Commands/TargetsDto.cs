namespace Wombat.Application.Commands;

/// <summary>The targets of a workspace's Makefile.</summary>
/// <param name="Items">In alphabetical order.</param>
/// <param name="Problem">What make or Wombat found wrong; null if nothing. The list may be incomplete then.</param>
/// <param name="Commit">The commit of the repository that was read; null for a directory.</param>
public sealed record TargetsDto(IReadOnlyList<TargetDto> Items, string? Problem, string? Commit = null);
