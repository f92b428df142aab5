namespace Wombat.Application.Jobs;

/// <summary>Reads logs in blocks, so that memory use does not grow with the log.</summary>
public interface IJobLogReader
{
    /// <summary>Returns the first blocks with lines after <paramref name="after"/>, at most <paramref name="limit"/> blocks.</summary>
    Task<IReadOnlyList<LogBlock>> ReadAsync(Guid jobId, long after, int limit, CancellationToken cancel);

    /// <summary>
    /// Returns the job's state and what <see cref="ReadAsync"/> returns, read after it; null if there is no such job. Calls for many logs
    /// cost the database little more than one.
    /// </summary>
    Task<(JobOutcome Outcome, IReadOnlyList<LogBlock> Blocks)?> ReadOnAsync(Guid jobId, long after, int limit, CancellationToken cancel);

    /// <summary>
    /// Returns the last blocks that have lines before <paramref name="before"/>, last block first, at most <paramref name="limit"/> blocks.
    /// </summary>
    Task<IReadOnlyList<LogBlock>> ReadBackAsync(Guid jobId, long before, int limit, CancellationToken cancel);

    /// <summary>Returns the number of the last line; 0 if there is none.</summary>
    Task<long> LastNumberAsync(Guid jobId, CancellationToken cancel);

    /// <summary>
    /// Returns the job's state and error; null if there is no such job. Read it before the lines: after the end of a job nothing is
    /// written.
    /// </summary>
    Task<JobOutcome?> OutcomeAsync(Guid jobId, CancellationToken cancel);

    /// <summary>
    /// Returns those of the logs that may contain a text, in no order. A log that it leaves out does not contain it, unless control
    /// characters other than escape sequences interrupt the text.
    /// </summary>
    Task<IReadOnlyList<LogCandidate>> FindCandidatesAsync(
        IReadOnlyList<Guid> jobIds,
        string text,
        bool isCaseSensitive,
        CancellationToken cancel
    );
}
