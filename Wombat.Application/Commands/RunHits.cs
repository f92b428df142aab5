using Wombat.Application.Jobs;

namespace Wombat.Application.Commands;

/// <summary>What a search found in the log of a run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Lines">The first lines that match.</param>
/// <param name="Next">The value of from that continues in this log with SearchJobLog; null if there is no more.</param>
public sealed record RunHits(RunDto Run, IReadOnlyList<LogHit> Lines, long? Next);
