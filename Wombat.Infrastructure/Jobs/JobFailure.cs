using Wombat.Application.Jobs;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Jobs;

/// <summary>What an exception of a handler means for its job.</summary>
internal static class JobFailure
{
    /// <summary>The code of a fault of Wombat itself.</summary>
    public const string Internal = "internal";

    private static readonly TimeSpan EditConflictDelay = TimeSpan.FromMilliseconds(50);

    /// <param name="isRepeatable">Whether the job may run again after an unknown error.</param>
    public static (JobError Error, TimeSpan? RetryAfter) Describe(Exception failure, bool isRepeatable) =>
        failure switch
        {
            JobFailedException e => (new JobError(e.Code, e.Message, e.Retryable), null),
            _ when DatabaseErrors.AsExternal(failure) is { } e => (new JobError(e.Code, e.Message, e.IsRetryable), e.RetryAfter),
            ConflictException { Code: "edit_conflict" } e => (new JobError(e.Code, e.Message, Retryable: true), EditConflictDelay),
            WombatException e => (new JobError(e.Code, e.Message, Retryable: false), null),
            _ => (
                new JobError(Internal, $"Unexpected error ({failure.GetType().Name}); the server log has the details.", isRepeatable),
                null
            ),
        };
}
