namespace Wombat.Application.Jobs;

/// <summary>Reads logs in blocks, so that memory use does not grow with the log.</summary>
public interface IJobLogReader
{
    /// <summary>Returns the first blocks with lines after <paramref name="after"/>, at most <paramref name="limit"/> blocks.</summary>
    Task<IReadOnlyList<LogBlock>> ReadAsync(Guid jobId, long after, int limit, CancellationToken cancel);

    /// <summary>The last blocks that hold lines before <paramref name="before"/>, at most <paramref name="limit"/> of them, the last first.</summary>
    Task<IReadOnlyList<LogBlock>> ReadBackAsync(Guid jobId, long before, int limit, CancellationToken cancel);

    /// <summary>The number of the last line; 0 where there is none.</summary>
    Task<long> LastNumberAsync(Guid jobId, CancellationToken cancel);

    /// <summary>The job's state and error; null where there is no such job. Read before the lines: after the end nothing more is written.</summary>
    Task<JobOutcome?> OutcomeAsync(Guid jobId, CancellationToken cancel);
}
