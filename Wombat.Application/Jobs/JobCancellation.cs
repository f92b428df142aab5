using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>Requests the cancellation of jobs that the caller has locked, with its events.</summary>
internal sealed class JobCancellation(AuditLog auditLog, JobHandlers handlers, RequestContext context, TimeProvider clock)
{
    /// <summary>A waiting job ends at once, and its handler is told; a running one when its processes are gone. The caller saves.</summary>
    /// <exception cref="ConflictException">The job has already ended.</exception>
    public async Task CancelAsync(Job job, CancellationToken cancel)
    {
        var handler = handlers.Find(job.Kind);
        var needsWorker = !job.IsEnded && handler is not null && await handler.HasEarlierWorkAsync(job.Id, cancel);
        var hasEnded = job.Cancel((context.Caller ?? Caller.System).Name, clock.GetUtcNow(), needsWorker);
        auditLog.Record<object>(EventAction.JobCancelRequested, "job", job.Id, job.ProjectId);
        if (hasEnded)
        {
            JobEvents.RecordEnd(auditLog, job);
            await (handler?.EndedAsync(JobHandlers.Describe(job), cancel) ?? Task.CompletedTask);
        }
    }
}
