namespace Wombat.Application.Jobs;

/// <summary>Reads logs block by block, so that memory does not grow with the log.</summary>
public interface IJobLogReader
{
    /// <summary>The first blocks that hold lines after <paramref name="after"/>, at most <paramref name="limit"/> of them.</summary>
    Task<IReadOnlyList<LogBlock>> ReadAsync(Guid jobId, long after, int limit, CancellationToken cancel);
}
