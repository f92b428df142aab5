using Wombat.Domain.Common;

namespace Wombat.Domain.Jobs;

/// <summary>Why a job failed, was cancelled or waits.</summary>
/// <param name="Code">A stable code, such as <c>capacity</c> or <c>cancelled</c>.</param>
/// <param name="Message">A message for users, often from an outside system. Contains no secret.</param>
/// <param name="Retryable">Whether a retry may succeed.</param>
public sealed record JobError(string Code, string Message, bool Retryable)
{
    /// <summary>The code of a cancelled job.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The code of a job that lost its worker and was not run again.</summary>
    public const string WorkerLost = "worker_lost";

    public string Message { get; private init; } = ExternalText.Clean(Message);
}
