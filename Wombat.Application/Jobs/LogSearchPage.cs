namespace Wombat.Application.Jobs;

/// <summary>What a search found in the part of a log that it has read.</summary>
/// <param name="Items">The lines that match, in the direction of the search.</param>
/// <param name="Count">The number of lines that match in the part that was searched.</param>
/// <param name="LastNumber">The number of the log's last line when the search began; 0 if there is none.</param>
/// <param name="Next">The value of from that continues the search; null if everything was searched.</param>
public sealed record LogSearchPage(IReadOnlyList<LogHit> Items, long Count, long LastNumber, long? Next);
