namespace Wombat.Application.Jobs;

/// <summary>The job fails; its message is read by users.</summary>
public sealed class JobFailedException(string code, string message, bool retryable = false) : Exception(message)
{
    public string Code { get; } = code;

    public bool Retryable { get; } = retryable;
}
