using Wombat.Domain.Common;

namespace Wombat.Domain.Jobs;

/// <summary>Why a job ended or waits, in the user's words.</summary>
/// <param name="Code">Stable, such as <c>capacity</c> or <c>cancelled</c>.</param>
/// <param name="Message">For people; holds no secret. Often an outside system's words.</param>
/// <param name="Retryable">Whether trying again can help.</param>
public sealed record JobError(string Code, string Message, bool Retryable)
{
    /// <summary>The code of a job that somebody cancelled.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The code of a job that lost its worker and was not run again.</summary>
    public const string WorkerLost = "worker_lost";

    public string Message { get; private init; } = ExternalText.Clean(Message);
}
