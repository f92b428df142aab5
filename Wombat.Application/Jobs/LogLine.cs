namespace Wombat.Application.Jobs;

/// <summary>One line of a job's log.</summary>
/// <param name="Number">Counted from 1 in the job, over all attempts.</param>
/// <param name="At">When Wombat read it.</param>
/// <param name="Text">Without its line end. Lines over 16 Ki characters are continued in the next number.</param>
public sealed record LogLine(long Number, DateTimeOffset At, LogStream Stream, string Text);

/// <summary>Lines in order; <paramref name="NextAfter"/> continues the reading, null where the log ends for now.</summary>
public sealed record LogPage(IReadOnlyList<LogLine> Items, long? NextAfter, bool Ended);

/// <summary>Whole lines stored together, as the JSON array that a stream sends.</summary>
/// <param name="FirstNumber">The number of the first line.</param>
/// <param name="Count">How many lines.</param>
/// <param name="Json">A JSON array of <see cref="LogLine"/>.</param>
public sealed record LogBlock(long FirstNumber, int Count, string Json)
{
    public long LastNumber => FirstNumber + Count - 1;
}

/// <summary>Reads logs block by block, so that memory does not grow with the log.</summary>
public interface IJobLogReader
{
    /// <summary>The first blocks that hold lines after <paramref name="after"/>, at most <paramref name="limit"/> of them.</summary>
    Task<IReadOnlyList<LogBlock>> ReadAsync(Guid jobId, long after, int limit, CancellationToken cancel);
}
