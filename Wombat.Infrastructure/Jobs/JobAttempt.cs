using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;
using Wombat.Infrastructure.Tracing;

namespace Wombat.Infrastructure.Jobs;

/// <summary>Runs one attempt of a job and saves its outcome together with the handler's changes.</summary>
internal sealed class JobAttempt(
    IServiceProvider services,
    RunningJob running,
    Guid worker,
    JobLog jobLog,
    JobStore store,
    INotificationBus notifications,
    JobMetrics metrics,
    JobSettings settings,
    TimeProvider clock,
    ILogger log
)
{
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMinutes(5);

    private readonly ClaimedJob job = running.Job;
    private IJobHandler? handler;

    /// <summary>Returns true if the job succeeded and there are no changes to save.</summary>
    /// <exception cref="LeaseLostException">The lease was lost; nothing is saved.</exception>
    public async Task<bool> RunAsync()
    {
        try
        {
            handler = services.GetRequiredService<JobHandlers>().Get(job.Kind);
            if (job.CancelRequested)
            {
                running.Stop(StopReason.Cancelled);
                await handler.EndEarlierWorkAsync(Describe());
            }

            running.Token.ThrowIfCancellationRequested();
            await EnsureMayRunAsync();
            await handler.RunAsync(Describe(), running.Token);
            await jobLog.FlushAsync();
            if (!services.GetRequiredService<DbContextUsage>().IsUsed && !jobLog.Used)
            {
                metrics.Finished(job.Kind, "succeeded", clock.GetElapsedTime(running.StartedAt));
                return true;
            }

            await EndAsync(JobState.Succeeded, null);
        }
        catch (Exception e) when (e is not LeaseLostException)
        {
            await FailAsync(e);
        }

        return false;
    }

    private JobRun Describe() =>
        new(
            job.Id,
            job.Kind,
            job.Attempt,
            job.MaxAttempts,
            job.ProjectId,
            job.ResourceId,
            job.Arguments,
            job.RequestedBy,
            job.ParentId,
            job.Progress,
            jobLog
        )
        {
            ReleaseSlot = running.ReleaseSlot,
            Stopping = running.Stopping,
        };

    private async Task EnsureMayRunAsync()
    {
        if (job.Attempt > job.MaxAttempts)
        {
            throw job.IsRepeatable
                ? new JobFailedException(ErrorCode.WorkerLost, $"The worker died {job.MaxAttempts} times while it ran this job.")
                : new JobInterruptedException("The worker died while it ran this job, which is not repeated.");
        }

        // A claim does not wait for the disk. This later commit does: after a crash of PostgreSQL the job is known to have started.
        var needsRenewal = !job.IsRepeatable || running.Lease > settings.Lease;
        while (needsRenewal)
        {
            var answers = await store.HeartbeatAsync(worker, [job.Id], running.Lease, running.Token);
            needsRenewal = answers.TryGetValue(job.Id, out var answer) ? !answer.IsRenewed : throw new LeaseLostException();
        }
    }

    private async Task FailAsync(Exception failure)
    {
        switch (running.Stopped, failure)
        {
            case (StopReason.LeaseLost, _):
                throw new LeaseLostException();
            case (StopReason.Shutdown, _) when job.IsRepeatable:
                await LogAsync("The worker is shutting down; the job returns to the queue.");
                await HeldAsync(() => store.ReleaseAsync(worker, job, TimeSpan.Zero, null, CancellationToken.None));
                notifications.Publish(Topics.Jobs);
                break;
            case (StopReason.Shutdown, _):
                await InterruptAsync("The worker was shut down while it ran this job, which is not repeated.");
                break;
            case (StopReason.Cancelled, not JobSnoozedException):
                await LogAsync("Cancelled.");
                await EndAsync(JobState.Cancelled, new JobError(JobError.Cancelled, "Cancelled while running.", Retryable: true));
                break;
            case (_, JobInterruptedException):
                await InterruptAsync(failure.Message);
                break;
            case (_, JobSnoozedException snooze):
                // Flush the log before the release: afterwards nothing more is stored for this attempt.
                await jobLog.FlushAsync();
                await HeldAsync(() => store.ReleaseAsync(worker, job, snooze.Delay, snooze.Progress, CancellationToken.None));
                break;
            default:
                await RetryOrFailAsync(failure);
                break;
        }
    }

    private async Task RetryOrFailAsync(Exception failure)
    {
        var (described, retryAfter) = JobFailure.Describe(failure, job.IsRepeatable);
        var error = new JobError(described.Code, jobLog.Mask(described.Message), described.Retryable);
        var willRetry = error.Retryable && job.Attempt < job.MaxAttempts;
        LogFailure(error, willRetry, failure);
        WombatTracing.SetError(error.Code, error.Message);
        if (willRetry)
        {
            var delay = retryAfter ?? Backoff();
            await LogAsync(
                $"Attempt {job.Attempt} of {job.MaxAttempts} failed: {error.Message.TrimEnd('.')}. Retrying in {delay.TotalSeconds:F0} s."
            );
            await HeldAsync(() => store.WaitForRetryAsync(worker, job, delay, error, CancellationToken.None));
            metrics.Finished(job.Kind, "retried", clock.GetElapsedTime(running.StartedAt));
        }
        else
        {
            await LogAsync($"Failed: {error.Message}");
            await EndAsync(JobState.Failed, error);
        }
    }

    private async Task InterruptAsync(string message)
    {
        WombatTracing.SetError(JobError.WorkerLost, message);
        await LogAsync(message);
        await EndAsync(JobState.Interrupted, new JobError(JobError.WorkerLost, message, Retryable: false));
    }

    // A stack trace only for errors of Wombat itself. The reason is text from an outside system and must be sanitized.
    private void LogFailure(JobError error, bool willRetry, Exception failure)
    {
        var isInternal = error.Code == JobFailure.Internal;
        var level =
            isInternal ? LogLevel.Error
            : willRetry ? LogLevel.Information
            : LogLevel.Warning;
        log.Log(
            level,
            isInternal ? failure : null,
            "Job {JobId} of kind {Kind} for resource {ResourceId} of project {ProjectId} failed in attempt {Attempt} of "
                + "{MaxAttempts}: {Code}: {Reason} (trace id {TraceId})",
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

    /// <summary>
    /// Saves the end and the handler's changes in one transaction, fenced by worker and attempt, so that a worker that lost the job saves
    /// nothing.
    /// </summary>
    private async Task EndAsync(JobState state, JobError? error)
    {
        var db = services.GetRequiredService<IWombatDbContext>();
        if (state == JobState.Succeeded)
        {
            // Record the event once: it stays tracked with the job's changes when the save is retried.
            RecordEnd(state, error);
        }

        await DatabaseRetryPolicy.Run(async cancel =>
        {
            if (state != JobState.Succeeded)
            {
                db.Context.ChangeTracker.Clear();
                RecordEnd(state, error);
            }

            return await db.InTransactionAsync(token => SaveEndAsync(db, state, error, token), cancel);
        });
        metrics.Finished(job.Kind, FieldNames.Snake(state.ToString()), clock.GetElapsedTime(running.StartedAt));
        notifications.Publish(Topics.Log(job.Id));
        notifications.Publish(Topics.JobStates);
        if (job.ResourceId is not null)
        {
            // The next job of the resource can run now.
            notifications.Publish(Topics.Jobs);
        }
    }

    private void RecordEnd(JobState state, JobError? error) =>
        JobEvents.RecordEnd(
            services.GetRequiredService<AuditLog>(),
            job.Id,
            job.ProjectId,
            state,
            new JobEnd(job.Kind, job.ResourceId, job.Attempt, error)
        );

    private async Task<bool> SaveEndAsync(IWombatDbContext db, JobState state, JobError? error, CancellationToken cancel)
    {
        var connection = (NpgsqlConnection)db.Context.Database.GetDbConnection();
        if (!await JobStore.EndAsync(connection, worker, job, state, error, cancel))
        {
            throw new LeaseLostException();
        }

        if (state != JobState.Succeeded && handler is not null)
        {
            await handler.EndedAsync(new EndedJob(job.Id, job.Kind, job.ProjectId, job.ResourceId, state, error!), cancel);
        }

        // Accept the changes after the commit: if the commit fails, the retry must save them again.
        await db.Context.SaveChangesAsync(acceptAllChangesOnSuccess: false, cancel);
        return true;
    }

    private TimeSpan Backoff()
    {
        var seconds = Math.Min(settings.RetryBase.TotalSeconds * Math.Pow(2, job.Attempt - 1), LongestRetryDelay.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (0.75 + (Random.Shared.NextDouble() / 2)));
    }

    private async Task LogAsync(string text)
    {
        await jobLog.WriteAsync(text, CancellationToken.None);
        await jobLog.FlushAsync();
    }

    private async Task HeldAsync(Func<Task<bool>> change)
    {
        if (!await DatabaseRetryPolicy.Run(_ => change()))
        {
            throw new LeaseLostException();
        }

        notifications.Publish(Topics.JobStates);
    }
}
