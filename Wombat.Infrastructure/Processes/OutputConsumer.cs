namespace Wombat.Infrastructure.Processes;

/// <summary>
/// Receives a program's output in order of arrival, one call at a time. While it waits, nothing is read, so that a slow consumer slows
/// the program and costs no memory.
/// </summary>
public abstract class OutputConsumer
{
    /// <param name="bytes">Valid until the call returns.</param>
    public abstract ValueTask AddAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancel);

    /// <summary>How long an unfinished line may still wait for its end; null where none waits.</summary>
    public virtual TimeSpan? DueIn(OutputStream stream) => null;

    /// <summary>Hands on the unfinished line.</summary>
    public virtual ValueTask ShowUnfinishedAsync(OutputStream stream, CancellationToken cancel) => ValueTask.CompletedTask;

    /// <summary>The output has ended, perhaps within a line.</summary>
    public virtual ValueTask EndAsync(CancellationToken cancel) => ValueTask.CompletedTask;
}
