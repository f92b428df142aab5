namespace Wombat.Application.Jobs;

/// <summary>Why a job failed, was cancelled or interrupted, or waits for its next attempt.</summary>
public sealed class JobErrorDto
{
    /// <summary>The kind of error, for programs.</summary>
    public string Code { get; init; } = "";

    /// <summary>What happened, for people.</summary>
    public string Message { get; init; } = "";

    /// <summary>Whether another attempt may succeed.</summary>
    public bool Retryable { get; init; }
}
