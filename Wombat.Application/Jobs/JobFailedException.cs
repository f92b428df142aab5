using Wombat.Domain.Common;

namespace Wombat.Application.Jobs;

/// <summary>Makes the job fail. The message is shown to users.</summary>
public sealed class JobFailedException(ErrorCode code, string message, bool retryable = false) : Exception(message)
{
    public string Code { get; } = code.Name;

    public bool Retryable { get; } = retryable;
}
