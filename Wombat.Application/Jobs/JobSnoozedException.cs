namespace Wombat.Application.Jobs;

/// <summary>Not done yet: call again after <paramref name="delay"/>, without counting an attempt.</summary>
public sealed class JobSnoozedException(TimeSpan delay, short? progress = null) : Exception("The job looks again later.")
{
    public TimeSpan Delay { get; } = delay;

    public short? Progress { get; } = progress;
}
