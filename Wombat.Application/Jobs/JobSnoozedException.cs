namespace Wombat.Application.Jobs;

/// <summary>Puts the job back into the queue for <paramref name="delay"/>, without counting an attempt.</summary>
public sealed class JobSnoozedException(TimeSpan delay, short? progress = null) : Exception("The job continues later.")
{
    public TimeSpan Delay { get; } = delay;

    public short? Progress { get; } = progress;
}
