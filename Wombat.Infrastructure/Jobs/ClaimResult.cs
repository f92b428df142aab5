namespace Wombat.Infrastructure.Jobs;

/// <param name="Jobs">The claimed jobs in the order in which to start them.</param>
/// <param name="After">The project after which the next claim continues.</param>
/// <param name="MayHaveMore">Whether more jobs may be waiting, because a project used its whole share.</param>
public sealed record ClaimResult(IReadOnlyList<ClaimedJob> Jobs, Guid After, bool MayHaveMore);
