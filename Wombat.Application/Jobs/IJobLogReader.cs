namespace Wombat.Application.Jobs;

/// <summary>Reads logs block by block, so that memory does not grow with the log.</summary>
public interface IJobLogReader
{
    /// <summary>The first blocks that hold lines after <paramref name="after"/>, at most <paramref name="limit"/> of them.</summary>
    Task<IReadOnlyList<LogBlock>> ReadAsync(Guid jobId, long after, int limit, CancellationToken cancel);

    /// <summary>The last blocks that hold lines before <paramref name="before"/>, at most <paramref name="limit"/> of them, the last first.</summary>
    Task<IReadOnlyList<LogBlock>> ReadBackAsync(Guid jobId, long before, int limit, CancellationToken cancel);

    /// <summary>The number of the last line; 0 where there is none.</summary>
    Task<long> LastNumberAsync(Guid jobId, CancellationToken cancel);

    /// <summary>The job's state and error; null where there is no such job. Read before the lines: after the end nothing more is written.</summary>
    Task<JobOutcome?> OutcomeAsync(Guid jobId, CancellationToken cancel);
}
