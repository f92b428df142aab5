using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;
using Wombat.Infrastructure.Tracing;

namespace Wombat.Infrastructure.Jobs;

/// <summary>Runs one claimed job: the handler in a scope of its own, then its end, whatever it was, saved with what the handler changed.</summary>
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
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMinutes(5);

    /// <summary>Returns true when the job succeeded and left nothing to save, so that the caller can end many such at once.</summary>
    public async Task<bool> RunAsync(RunningJob running, Guid worker)
    {
        var job = running.Job;
        running.StartedAt = clock.GetTimestamp();
        using var span = WombatTracing.Source.StartActivity($"job {job.Kind}", ActivityKind.Consumer, job.TraceParent);
        span?.SetTag("wombat.job.id", job.Id).SetTag("wombat.job.attempt", job.Attempt);
        await using var scope = scopes.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var context = services.GetRequiredService<RequestContext>();
        context.Caller = new Caller(job.RequestedBy.Name, "job", IsAdmin: true) { ActorId = job.RequestedBy.Id };
        var jobLog = new JobLog(logs, notifications, clock, job, worker, settings.LogMaxBytes);
        try
        {
            return await AttemptAsync(services, job, worker, jobLog, running);
        }
        catch (LeaseLostException)
        {
            log.LogWarning("Job {JobId} attempt {Attempt} was lost to another worker", job.Id, job.Attempt);
        }
        catch (Exception e)
        {
            // Its outcome could not be saved; the lease runs out and the rescuer takes it.
            log.LogError(e, "Job {JobId} attempt {Attempt} ended without an outcome", job.Id, job.Attempt);
        }

        return false;
    }

    private async Task<bool> AttemptAsync(IServiceProvider services, ClaimedJob job, Guid worker, JobLog jobLog, RunningJob running)
    {
        IJobHandler? handler = null;
        Exception? failure = null;
        try
        {
            handler = services.GetRequiredService<JobHandlers>().Get(job.Kind);
            if (job.CancelRequested)
            {
                running.Stop(StopReason.Cancelled);
            }

            running.Token.ThrowIfCancellationRequested();
            if (job.Attempt > job.MaxAttempts)
            {
                throw new JobFailedException("worker_lost", $"The worker died {job.MaxAttempts} times while it ran this job.");
            }

            await handler.RunAsync(
                new JobRun(
                    job.Id,
                    job.Kind,
                    job.Attempt,
                    job.MaxAttempts,
                    job.ProjectId,
                    job.ResourceId,
                    job.Payload,
                    job.Progress,
                    jobLog
                ),
                running.Token
            );
            await jobLog.FlushAsync();
            if (!services.GetRequiredService<DbContextUsage>().IsUsed && !jobLog.Used)
            {
                metrics.Finished(job.Kind, "succeeded", clock.GetElapsedTime(running.StartedAt));
                return true;
            }

            return await EndAsync(services, running, worker, JobState.Succeeded, null, null);
        }
        catch (LeaseLostException)
        {
            throw;
        }
        catch (Exception e)
        {
            failure = e;
        }

        return await FailAsync(services, job, worker, handler, jobLog, running, failure);
    }

    private async Task<bool> FailAsync(
        IServiceProvider services,
        ClaimedJob job,
        Guid worker,
        IJobHandler? handler,
        JobLog jobLog,
        RunningJob running,
        Exception failure
    )
    {
        switch (running.Stopped, failure)
        {
            case (StopReason.LeaseLost, _):
                throw new LeaseLostException();
            case (StopReason.Shutdown, _):
                await TryLogAsync(jobLog, "the worker shuts down; the job goes back to the queue");
                await HeldAsync(() => store.ReleaseAsync(worker, job, TimeSpan.Zero, null, CancellationToken.None));
                notifications.Publish(Topics.Jobs);
                return false;
            case (StopReason.Cancelled, _):
                var cancelled = new JobError(JobError.Cancelled, "Cancelled while running.", Retryable: true);
                await TryLogAsync(jobLog, "cancelled");
                return await EndAsync(services, running, worker, JobState.Cancelled, cancelled, handler);
            case (_, JobSnoozedException snooze):
                // What it said belongs to this attempt: after the release nothing more is stored for it.
                await jobLog.FlushAsync();
                await HeldAsync(() => store.ReleaseAsync(worker, job, snooze.Delay, snooze.Progress, CancellationToken.None));
                return false;
        }

        var (error, retryAfter) = Describe(failure);
        var willRetry = error.Retryable && job.Attempt < job.MaxAttempts;
        LogFailure(job, error, willRetry, failure);
        if (willRetry)
        {
            var delay = retryAfter ?? Backoff(job.Attempt);
            await TryLogAsync(jobLog, $"attempt {job.Attempt} failed: {error.Message}; trying again in {delay.TotalSeconds:F0} s");
            await HeldAsync(() => store.WaitForRetryAsync(worker, job, delay, error, CancellationToken.None));
            metrics.Finished(job.Kind, "retried", clock.GetElapsedTime(running.StartedAt));
            return false;
        }

        await TryLogAsync(jobLog, $"failed: {error.Message}");
        return await EndAsync(services, running, worker, JobState.Failed, error, handler);
    }

    // The stack trace only where Wombat itself is at fault; the reason is an outside system's text and may hold anything.
    private void LogFailure(ClaimedJob job, JobError error, bool willRetry, Exception failure)
    {
        var level =
            error.Code == "internal" ? LogLevel.Error
            : willRetry ? LogLevel.Information
            : LogLevel.Warning;
        log.Log(
            level,
            error.Code == "internal" ? failure : null,
            "Job {JobId} of kind {Kind} for resource {ResourceId} of project {ProjectId} failed in attempt {Attempt} of {MaxAttempts}: {Code}: {Reason} (trace id {TraceId})",
            job.Id,
            job.Kind,
            job.ResourceId,
            job.ProjectId,
            job.Attempt,
            job.MaxAttempts,
            error.Code,
            ExternalText.Clean(error.Message).ReplaceLineEndings(" "),
            job.RequestId
        );
    }

    /// <summary>The end and the handler's changes in one transaction; fenced, so that a worker that lost the job saves nothing.</summary>
    private async Task<bool> EndAsync(
        IServiceProvider services,
        RunningJob running,
        Guid worker,
        JobState state,
        JobError? error,
        IJobHandler? ended
    )
    {
        var job = running.Job;
        var db = services.GetRequiredService<IWombatDbContext>();
        void RecordEnd() =>
            JobEvents.RecordEnd(
                services.GetRequiredService<AuditLog>(),
                job.Id,
                job.ProjectId,
                state,
                new JobEnd(job.Kind, job.ResourceId, job.Attempt, error)
            );
        if (state == JobState.Succeeded)
        {
            // Once: it stays tracked with what the job has changed when the save is tried again.
            RecordEnd();
        }

        await DatabaseRetryPolicy.Run(async cancel =>
        {
            if (state != JobState.Succeeded)
            {
                db.Context.ChangeTracker.Clear();
                RecordEnd();
            }

            return await db.InTransactionAsync(
                async token =>
                {
                    var connection = (NpgsqlConnection)db.Context.Database.GetDbConnection();
                    if (!await JobStore.EndAsync(connection, worker, job, state, error, token))
                    {
                        throw new LeaseLostException();
                    }

                    if (ended is not null)
                    {
                        await ended.EndedAsync(new EndedJob(job.Id, job.Kind, job.ProjectId, job.ResourceId, state, error!), token);
                    }

                    // Not accepted before the commit: if that fails, the next try must still know what to save.
                    await db.Context.SaveChangesAsync(acceptAllChangesOnSuccess: false, token);
                    return true;
                },
                cancel
            );
        });
        metrics.Finished(job.Kind, FieldNames.Snake(state.ToString()), clock.GetElapsedTime(running.StartedAt));
        notifications.Publish(Topics.Log(job.Id));
        if (job.ResourceId is not null)
        {
            // The resource's next job may run now.
            notifications.Publish(Topics.Jobs);
        }

        return false;
    }

    private TimeSpan Backoff(int attempt)
    {
        var seconds = Math.Min(settings.RetryBase.TotalSeconds * Math.Pow(2, attempt - 1), LongestRetryDelay.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (0.75 + (Random.Shared.NextDouble() / 2)));
    }

    private static (JobError Error, TimeSpan? RetryAfter) Describe(Exception failure) =>
        failure switch
        {
            PluginException e => (new JobError(e.Code, e.Message, e.Retryable), e.RetryAfter),
            JobFailedException e => (new JobError(e.Code, e.Message, e.Retryable), null),
            ConflictException { Code: "edit_conflict" } e => (
                new JobError(e.Code, e.Message, Retryable: true),
                TimeSpan.FromMilliseconds(50)
            ),
            WombatException e => (new JobError(e.Code, e.Message, Retryable: false), null),
            _ when DatabaseErrors.IsUnavailable(failure) => (
                new JobError("database_unavailable", "The database did not answer or could not write.", Retryable: true),
                null
            ),
            _ => (
                new JobError(
                    "internal",
                    $"Wombat failed in an unforeseen way ({failure.GetType().Name}); its log says more.",
                    Retryable: true
                ),
                null
            ),
        };

    private static async Task HeldAsync(Func<Task<bool>> change)
    {
        if (!await DatabaseRetryPolicy.Run(_ => change()))
        {
            throw new LeaseLostException();
        }
    }

    private static async Task TryLogAsync(JobLog jobLog, string text)
    {
        await jobLog.WriteAsync(text, CancellationToken.None);
        await jobLog.FlushAsync();
    }
}

/// <summary>Why a run is told to stop.</summary>
public enum StopReason
{
    None,
    Cancelled,
    Shutdown,
    LeaseLost,
}

/// <summary>A job in a slot of this worker.</summary>
public sealed class RunningJob(ClaimedJob job, long claimedAt) : IDisposable
{
    private readonly CancellationTokenSource stop = new();

    public ClaimedJob Job => job;

    /// <summary>A timestamp of the clock, for the lease.</summary>
    public long RenewedAt { get; set; } = claimedAt;

    /// <summary>A timestamp of the clock, when the attempt began.</summary>
    public long StartedAt { get; set; } = claimedAt;

    public StopReason Stopped { get; private set; }

    public CancellationToken Token => stop.Token;

    /// <summary>The first reason stands.</summary>
    public void Stop(StopReason reason)
    {
        lock (stop)
        {
            if (Stopped == StopReason.None)
            {
                Stopped = reason;
                stop.Cancel();
            }
        }
    }

    public void Dispose()
    {
        lock (stop)
        {
            // A late Stop finds a reason set and leaves the disposed source alone.
            Stopped = Stopped == StopReason.None ? StopReason.LeaseLost : Stopped;
            stop.Dispose();
        }
    }
}
