namespace Wombat.Application.Jobs;

/// <summary>One line of a job's log.</summary>
/// <param name="Number">Counts from 1 over all attempts of the job.</param>
/// <param name="At">When the line was written.</param>
/// <param name="Text">The text without its line end. A line of more than 16,384 characters goes on in the next number.</param>
public sealed record LogLine(long Number, DateTimeOffset At, LogStream Stream, string Text);

/// <summary>Lines of a log, in order.</summary>
/// <param name="Items">The lines.</param>
/// <param name="NextAfter">The value of after that continues the reading; null where there are no more lines yet.</param>
/// <param name="Ended">Whether the job has ended and this is the last page.</param>
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
