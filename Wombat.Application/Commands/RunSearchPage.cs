namespace Wombat.Application.Commands;

/// <summary>What a search found in the logs of runs.</summary>
/// <param name="Items">The runs with lines that match, the newest first. May be empty although there is a next page.</param>
/// <param name="NextCursor">The cursor that continues the search; null if all runs were searched.</param>
/// <param name="SearchedRuns">How many runs this answer has searched.</param>
/// <param name="SearchedBackTo">When the oldest run that was searched was requested; null if there was none.</param>
public sealed record RunSearchPage(IReadOnlyList<RunHits> Items, string? NextCursor, int SearchedRuns, DateTimeOffset? SearchedBackTo);
