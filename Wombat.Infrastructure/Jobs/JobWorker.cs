using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Application.Common;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Signals;

namespace Wombat.Infrastructure.Jobs;

/// <summary>
/// Claims jobs, runs them in its slots, rescues what dead workers left, drains at shutdown.
/// While jobs are short it claims ahead, so that the claim's cost is shared by many; while they are long it claims only
/// what it can start.
/// </summary>
public sealed class JobWorker(JobStore store, JobClaims claims, JobRunner runner, ISignals signals, JobSettings settings, TimeProvider clock, ILogger<JobWorker> log) : BackgroundService
{
    // Claim ahead at most what takes about this long to run.
    private const double AheadMilliseconds = 8;
    private const int MostAhead = 400;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    private readonly JobLeases held = new(store, signals, settings, clock, log, TimedId.At(clock.GetUtcNow()));
    private readonly JobQueue queue = new();
    private readonly ConcurrentQueue<RunningJob> succeeded = new();
    private readonly Bell somethingSucceeded = new();
    private readonly CancellationTokenSource drained = new();
    private double averageMilliseconds = 1000;
    private ISignalSubscription? wake;

    private Guid Me => held.Worker;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var jobs = signals.Subscribe(Topics.Jobs);
        wake = jobs;
        var ending = EndLoopAsync();
        var slots = Enumerable.Range(0, settings.Concurrency).Select(_ => SlotAsync(stoppingToken)).ToArray();
        using var helpersStop = new CancellationTokenSource();
        var helpers = Task.WhenAll(held.KeepAsync(helpersStop.Token), RescueLoopAsync(stoppingToken));
        await ClaimLoopAsync(stoppingToken);
        await DrainAsync(slots);
        await drained.CancelAsync();
        await helpersStop.CancelAsync();
        await Task.WhenAll(ending, helpers);
    }

    private async Task ClaimLoopAsync(CancellationToken stop)
    {
        var after = Guid.Empty;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                // While it claims ahead, a claim waits until half of that is used up: many small claims cost more than few large ones.
                var ahead = Ahead();
                var want = settings.Concurrency + ahead - held.Count;
                if (want <= ahead / 2)
                {
                    await wake!.WaitAsync(Poll, stop);
                    continue;
                }

                var claimedAt = clock.GetTimestamp();
                var claim = await claims.ClaimAsync(Me, settings.Lease, want, after, Saturated(), stop);
                after = claim.After;
                foreach (var job in claim.Jobs)
                {
                    var running = new RunningJob(job, claimedAt);
                    held.Add(running);
                    queue.Add(running);
                }

                if (!claim.MayHaveMore)
                {
                    await wake!.WaitAsync(Poll, stop);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                // Another worker claimed a job of the same resource at the same moment. Look again.
                log.LogDebug("A claim collided with another worker's");
            }
            catch (Exception e)
            {
                log.LogWarning("Jobs cannot be claimed: {Error}", e.Message);
                await Task.Delay(Poll, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task SlotAsync(CancellationToken stop)
    {
        while (true)
        {
            RunningJob taken;
            try
            {
                taken = await queue.TakeAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            using var running = taken;
            var from = clock.GetTimestamp();
            var endWithOthers = await runner.RunAsync(running, Me);
            var took = clock.GetElapsedTime(from).TotalMilliseconds;
            averageMilliseconds += (took - averageMilliseconds) * 0.05;
            if (endWithOthers)
            {
                succeeded.Enqueue(running);
                somethingSucceeded.Ring();
            }
            else
            {
                Forget(running);
            }
        }
    }

    private int Ahead() => averageMilliseconds >= AheadMilliseconds ? 0 : (int)Math.Min(MostAhead, settings.Concurrency * AheadMilliseconds / Math.Max(averageMilliseconds, 0.05));

    // One project may not take all slots: a long job of another one always finds room.
    private Guid[] Saturated()
    {
        if (averageMilliseconds < AheadMilliseconds || settings.Concurrency < 4)
        {
            return [];
        }

        var most = settings.Concurrency - Math.Max(1, settings.Concurrency / 4);
        return [.. held.All.GroupBy(r => r.Job.ProjectId ?? JobClaims.NoProject).Where(g => g.Count() >= most).Select(g => g.Key)];
    }

    /// <summary>Ends jobs that left nothing to save: while one statement is under way, the next batch gathers.</summary>
    private async Task EndLoopAsync()
    {
        var batch = new List<RunningJob>();
        while (!drained.IsCancellationRequested || !succeeded.IsEmpty)
        {
            await somethingSucceeded.WaitAsync(drained.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            batch.Clear();
            while (succeeded.TryDequeue(out var job))
            {
                batch.Add(job);
            }

            if (batch.Count == 0)
            {
                continue;
            }

            try
            {
                var ids = batch.Select(j => j.Job.Id).ToArray();
                await DatabasePatience.Run(async cancel =>
                {
                    await store.SucceedAsync(Me, ids, cancel);
                    return true;
                });
            }
            catch (Exception e)
            {
                log.LogError(e, "{Count} finished jobs could not be marked; they will run again", batch.Count);
            }

            batch.ForEach(held.Remove);
            wake?.Wake();
        }
    }

    private async Task RescueLoopAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var rescued = await store.RescueAsync(stop);
                if (rescued > 0)
                {
                    log.LogWarning("Rescued {Count} jobs that a dead worker held", rescued);
                    signals.Raise(Topics.Jobs);
                }
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                log.LogWarning("Jobs of dead workers cannot be looked for: {Error}", e.Message);
            }
            catch (Exception)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task DrainAsync(Task[] slots)
    {
        foreach (var job in queue.TakeAll())
        {
            try
            {
                await store.ReleaseAsync(Me, job.Job, TimeSpan.Zero, null, CancellationToken.None);
            }
            catch (Exception e)
            {
                log.LogWarning("Job {JobId} could not be given back, its lease will run out: {Error}", job.Job.Id, e.Message);
            }

            Forget(job);
        }

        var allDone = Task.WhenAll(slots);
        if (held.Count > 0)
        {
            log.LogInformation("Waiting up to {Seconds} s for {Count} running jobs", settings.Drain.TotalSeconds, held.Count);
        }

        if (await Task.WhenAny(allDone, Task.Delay(settings.Drain, clock)) != allDone)
        {
            foreach (var job in held.All)
            {
                job.Stop(StopReason.Shutdown);
            }
        }

        await allDone;
    }

    private void Forget(RunningJob job)
    {
        held.Remove(job);
        wake?.Wake();
    }

    public override void Dispose()
    {
        drained.Dispose();
        base.Dispose();
    }
}
