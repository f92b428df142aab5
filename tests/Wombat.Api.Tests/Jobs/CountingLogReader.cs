using Wombat.Application.Jobs;

namespace Wombat.Api.Tests.Jobs;

/// <summary>Counts the reads of log blocks.</summary>
internal sealed class CountingLogReader(IJobLogReader inner) : IJobLogReader
{
    private int reads;

    public int Reads => Volatile.Read(ref reads);

    public Task<IReadOnlyList<LogBlock>> ReadAsync(Guid jobId, long after, int limit, CancellationToken cancel)
    {
        Interlocked.Increment(ref reads);
        return inner.ReadAsync(jobId, after, limit, cancel);
    }

    public Task<(JobOutcome Outcome, IReadOnlyList<LogBlock> Blocks)?> ReadOnAsync(
        Guid jobId,
        long after,
        int limit,
        CancellationToken cancel
    )
    {
        Interlocked.Increment(ref reads);
        return inner.ReadOnAsync(jobId, after, limit, cancel);
    }

    public Task<IReadOnlyList<LogBlock>> ReadBackAsync(Guid jobId, long before, int limit, CancellationToken cancel) =>
        inner.ReadBackAsync(jobId, before, limit, cancel);

    public Task<long> LastNumberAsync(Guid jobId, CancellationToken cancel) => inner.LastNumberAsync(jobId, cancel);

    public Task<JobOutcome?> OutcomeAsync(Guid jobId, CancellationToken cancel) => inner.OutcomeAsync(jobId, cancel);

    public Task<IReadOnlyList<LogCandidate>> FindCandidatesAsync(
        IReadOnlyList<Guid> jobIds,
        string text,
        bool isCaseSensitive,
        CancellationToken cancel
    ) => inner.FindCandidatesAsync(jobIds, text, isCaseSensitive, cancel);
}
