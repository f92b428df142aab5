using Wombat.Application.Jobs;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
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
            PluginException e => (new JobError(e.Code, e.Message, e.Retryable), e.RetryAfter),
            JobFailedException e => (new JobError(e.Code, e.Message, e.Retryable), null),
            ConflictException { Code: "edit_conflict" } e => (new JobError(e.Code, e.Message, Retryable: true), EditConflictDelay),
            WombatException e => (new JobError(e.Code, e.Message, Retryable: false), null),
            _ when DatabaseErrors.IsUnavailable(failure) => (
                new JobError("database_unavailable", "The database did not answer or could not write.", Retryable: true),
                null
            ),
            _ => (
                new JobError(Internal, $"Unexpected error ({failure.GetType().Name}); the server log has the details.", isRepeatable),
                null
            ),
        };
}
