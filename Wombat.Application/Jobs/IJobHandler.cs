using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>
/// Does the work of one kind of job. Made anew for every run, with a context of its own.
/// <para>What <see cref="RunAsync"/> leaves changed in the context is saved in the transaction that ends the job, so
/// the change and the end commit together. Unless its kind is not repeatable, a run may be repeated after a crash at any
/// point: it must find what an earlier run has done.</para>
/// </summary>
public interface IJobHandler
{
    /// <summary>Returns when done; throws to fail, <see cref="JobSnoozedException"/> to be called again later. Ends soon when cancelled.</summary>
    Task RunAsync(JobRun run, CancellationToken cancel);

    /// <summary>The job failed for good, was cancelled or was interrupted. Changes are saved with that end.</summary>
    Task EndedAsync(EndedJob job, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>A person asks for an ended job again. Throws a conflict where that makes no sense now; changes are saved with it.</summary>
    Task RequeuedAsync(Job job, CancellationToken cancel) => Task.CompletedTask;
}
