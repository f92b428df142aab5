namespace Wombat.Infrastructure.Processes;

/// <summary>
/// Receives a program's output in order of arrival, one call at a time. Nothing is read during a call, so that a slow consumer slows the
/// program and uses no memory.
/// </summary>
public abstract class OutputConsumer
{
    /// <param name="bytes">Valid until the call returns.</param>
    public abstract ValueTask AddAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancel);

    /// <summary>The time until the unfinished line is passed on; null if there is none.</summary>
    public virtual TimeSpan? DueIn(OutputStream stream) => null;

    /// <summary>Passes on the unfinished line.</summary>
    public virtual ValueTask ShowUnfinishedAsync(OutputStream stream, CancellationToken cancel) => ValueTask.CompletedTask;

    /// <summary>Called at the end of the output, possibly within a line.</summary>
    public virtual ValueTask EndAsync(CancellationToken cancel) => ValueTask.CompletedTask;
}
