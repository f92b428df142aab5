using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Access;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Tracing;

namespace Wombat.Infrastructure.Jobs;

/// <summary>Runs one claimed job in its own scope. The caller is the requester of the job.</summary>
public sealed class JobRunner(
    IServiceScopeFactory scopes,
    JobStore store,
    JobLogStore logs,
    INotificationBus notifications,
    JobMetrics metrics,
    JobSettings settings,
    TimeProvider clock,
    ILogger<JobRunner> log
)
{
    /// <summary>
    /// Returns true if the job succeeded and there are no changes to save, so that the caller can end several such jobs in one statement.
    /// </summary>
    public async Task<bool> RunAsync(RunningJob running, Guid worker)
    {
        var job = running.Job;
        running.StartedAt = clock.GetTimestamp();
        using var span = WombatTracing.Source.StartActivity($"job {job.Kind}", ActivityKind.Consumer, job.TraceParent);
        span?.SetTag("wombat.job.id", job.Id).SetTag("wombat.job.attempt", job.Attempt);
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<RequestContext>();
        context.Caller = new Caller(job.RequestedBy.Name, "job", IsAdmin: true) { ActorId = job.RequestedBy.Id };
        context.JobId = job.Id;
        var jobLog = new JobLog(logs, notifications, clock, job, worker, settings.LogMaxBytes);
        var attempt = new JobAttempt(scope.ServiceProvider, running, worker, jobLog, store, notifications, metrics, settings, clock, log);
        try
        {
            return await attempt.RunAsync();
        }
        catch (LeaseLostException)
        {
            span?.SetStatus(ActivityStatusCode.Error, "The lease was lost.");
            log.LogWarning("Job {JobId} attempt {Attempt} lost its lease to another worker", job.Id, job.Attempt);
        }
        catch (Exception e)
        {
            // The outcome could not be saved: the lease expires and the job is rescued.
            span?.SetStatus(ActivityStatusCode.Error, "The outcome could not be saved.");
            log.LogError(e, "Job {JobId} attempt {Attempt} ended without an outcome", job.Id, job.Attempt);
        }

        return false;
    }
}
