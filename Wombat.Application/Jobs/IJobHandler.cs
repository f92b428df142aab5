using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>
/// Runs jobs of one kind. Each run has a new instance with its own context.
/// <para>Changes that <see cref="RunAsync"/> leaves in the context are saved in the transaction that ends the job, so
/// the change and the end commit together. Unless its kind is not repeatable, a run may be repeated after a crash at any
/// point: it must find what an earlier run has done.</para>
/// </summary>
public interface IJobHandler
{
    /// <summary>
    /// Does the work. Throws if the job fails, or <see cref="JobSnoozedException"/> to be called again later. Must end soon after
    /// cancellation.
    /// </summary>
    Task RunAsync(JobRun run, CancellationToken cancel);

    /// <summary>Whether an earlier attempt has started something that has not ended and that only a worker can end.</summary>
    Task<bool> HasEarlierWorkAsync(Guid job, CancellationToken cancel) => Task.FromResult(false);

    /// <summary>
    /// Called instead of <see cref="RunAsync"/> if the cancellation was requested before the attempt: ends what an earlier one has started.
    /// </summary>
    Task EndEarlierWorkAsync(JobRun run) => Task.CompletedTask;

    /// <summary>Called when the job failed for good, was cancelled or was interrupted. Changes are saved with that end.</summary>
    Task EndedAsync(EndedJob job, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>
    /// Called when a user retries an ended job. Throws a conflict if a retry is impossible; changes are saved with the retry.
    /// </summary>
    Task RequeuedAsync(Job job, CancellationToken cancel) => Task.CompletedTask;
}
