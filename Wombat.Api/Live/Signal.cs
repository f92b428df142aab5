namespace Wombat.Api.Live;

/// <summary>Tells waiting streams that something new was published.</summary>
internal sealed class Signal
{
    private volatile TaskCompletionSource next = New();

    /// <summary>Completes at the next <see cref="Set"/>. Get it before reading what is published.</summary>
    public Task Task => next.Task;

    public void Set()
    {
        var before = Interlocked.Exchange(ref next, New());
        before.TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
