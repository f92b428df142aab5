namespace Wombat.Application.Jobs;

/// <summary>A log that may contain a text.</summary>
/// <param name="JobId">The job.</param>
/// <param name="From">No line before this one contains the text.</param>
/// <param name="LastNumber">The number of the last line.</param>
public sealed record LogCandidate(Guid JobId, long From, long LastNumber);
