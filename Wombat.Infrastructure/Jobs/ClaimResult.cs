namespace Wombat.Infrastructure.Jobs;

/// <param name="Jobs">In the order in which they should start.</param>
/// <param name="After">Where the next claim goes on.</param>
/// <param name="MayHaveMore">A project used up its share, so that more may be waiting.</param>
public sealed record ClaimResult(IReadOnlyList<ClaimedJob> Jobs, Guid After, bool MayHaveMore);
