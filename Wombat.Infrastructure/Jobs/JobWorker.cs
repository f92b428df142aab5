using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Notifications;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Jobs;

/// <summary>
/// Claims jobs, runs them in its slots, rescues the jobs of dead workers, and drains at shutdown. While jobs are short it claims ahead,
/// so that many jobs share the cost of a claim; while jobs are long it claims only what it can start.
/// </summary>
public sealed class JobWorker(
    JobStore store,
    JobClaimer claims,
    JobRunner runner,
    INotificationBus notifications,
    JobSettings settings,
    JobKinds kinds,
    TimeProvider clock,
    DatabaseAvailability availability,
    BackgroundLoop loop,
    ILogger<JobWorker> log
) : BackgroundService
{
    // Claims ahead as many jobs as run in about this time.
    private const double AheadMilliseconds = 8;
    private const int MostAhead = 400;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private static readonly LoopOptions Rescue = new("rescue of jobs of dead workers", TimeSpan.FromSeconds(1));

    private readonly JobLeases held = new(store, notifications, settings, clock, loop, Uuid7.At(clock.GetUtcNow()));
    private readonly FairJobQueue queue = new();
    private readonly ConcurrentQueue<RunningJob> succeeded = new();

    // Attempts without a slot, which wait for other jobs.
    private readonly ConcurrentDictionary<RunningJob, Task> waiting = new();
    private readonly AsyncAutoResetEvent somethingSucceeded = new();
    private readonly CancellationTokenSource drained = new();
    private double averageMilliseconds = 1000;
    private INotificationSubscription? wake;

    // The project after which the next claim continues.
    private Guid claimAfter = Guid.Empty;

    // Claimed but not started. A claim does not wait until the ends of earlier jobs are written.
    private int open;
    private int isFreed;

    private Guid Me => held.Worker;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var jobs = notifications.Subscribe(Topics.Jobs);
        wake = jobs;
        var ending = EndLoopAsync();
        var slots = Enumerable.Range(0, settings.Concurrency).Select(_ => SlotAsync(stoppingToken)).ToArray();
        using var helpersStop = new CancellationTokenSource();
        var helpers = Task.WhenAll(held.RunAsync(helpersStop.Token), loop.RunAsync(Rescue, RescueAsync, stoppingToken));
        await ClaimLoopAsync(stoppingToken);
        await DrainAsync(slots);
        await drained.CancelAsync();
        await helpersStop.CancelAsync();
        await Task.WhenAll(ending, helpers);
        await ReleaseAllAsync();
    }

    private async Task ClaimLoopAsync(CancellationToken stop)
    {
        var isNews = true;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var mayHaveMore = ClaimCount(isNews) is > 0 and var count && await ClaimAsync(count, stop);
                isNews = !mayHaveMore && await WaitAsync(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                // Another worker claimed a job of the same resource at the same time. Claim again.
                log.LogDebug("A claim conflicted with another worker's claim");
            }
            catch (Exception e)
            {
                if (!availability.Report(e))
                {
                    log.LogError(e, "Cannot claim jobs");
                }

                await Task.Delay(Poll, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Claims up to <paramref name="count"/> jobs for the slots. Returns true if more may be waiting.</summary>
    private async Task<bool> ClaimAsync(int count, CancellationToken stop)
    {
        var claimedAt = clock.GetTimestamp();
        var claim = await claims.ClaimAsync(Me, settings.Lease, count, claimAfter, Bounds(), stop);
        claimAfter = claim.After;
        Interlocked.Add(ref open, claim.Jobs.Count);
        foreach (var job in claim.Jobs)
        {
            // The claim itself has the short lease; the attempt begins with a renewal.
            var running = new RunningJob(job, claimedAt, kinds.OutlivesOutages(job.Kind) ? settings.OutageLease : settings.Lease);
            held.Add(running);
            queue.Add(running);
        }

        if (claim.Jobs.Count > 0)
        {
            notifications.Publish(Topics.JobStates);
        }

        return claim.MayHaveMore;
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

            var attempt = RunAsync(taken);
            if (await Task.WhenAny(attempt, taken.SlotReleased) != attempt)
            {
                _ = KeepUntilEndAsync(taken, attempt);
            }

            Interlocked.Decrement(ref open);
            WakeClaims();
        }
    }

    private async Task KeepUntilEndAsync(RunningJob job, Task attempt)
    {
        waiting[job] = attempt;
        await attempt;
        waiting.TryRemove(job, out _);
        WakeClaims();
    }

    private async Task RunAsync(RunningJob taken)
    {
        using var running = taken;
        var from = clock.GetTimestamp();
        var endWithOthers = await runner.RunAsync(running, Me);
        if (!running.SlotReleased.IsCompleted)
        {
            var took = clock.GetElapsedTime(from).TotalMilliseconds;
            averageMilliseconds += (took - averageMilliseconds) * 0.05;
        }

        if (endWithOthers)
        {
            succeeded.Enqueue(running);
            somethingSucceeded.Set();
        }
        else
        {
            held.Remove(running);
        }
    }

    /// <summary>The number of jobs to claim now.</summary>
    /// <param name="isNews">Whether new jobs may have been committed.</param>
    private int ClaimCount(bool isNews)
    {
        if (succeeded.Count >= MostAhead)
        {
            // Jobs run faster than their ends are written.
            return 0;
        }

        // While it claims ahead, it waits until half of the claimed jobs are used up: few large claims are cheaper than many small ones.
        // New jobs do not wait for that, because projects take turns.
        var ahead = Ahead();
        var room = settings.Concurrency + ahead - Volatile.Read(ref open);
        return isNews && ahead > 0 && room > -settings.Concurrency ? Math.Max(room, settings.Concurrency)
            : room > ahead / 2 ? room
            : 0;
    }

    /// <summary>Returns true unless the worker was woken by the end of one of its own jobs.</summary>
    private async Task<bool> WaitAsync(CancellationToken stop)
    {
        await wake!.WaitAsync(Poll, stop);
        return Interlocked.Exchange(ref isFreed, 0) == 0;
    }

    private void WakeClaims()
    {
        if (ClaimCount(isNews: false) > 0)
        {
            Volatile.Write(ref isFreed, 1);
            wake?.Wake();
        }
    }

    private int Ahead() =>
        averageMilliseconds >= AheadMilliseconds
            ? 0
            : (int)Math.Min(MostAhead, settings.Concurrency * AheadMilliseconds / Math.Max(averageMilliseconds, 0.05));

    // Neither one user nor two projects may occupy all slots, so that others always get one.
    private SlotBounds Bounds() =>
        averageMilliseconds < AheadMilliseconds
            ? SlotBounds.None
            : SlotBounds.Of(settings.Concurrency, held.All.Where(r => !r.SlotReleased.IsCompleted).Select(r => r.Job));

    /// <summary>Ends jobs without changes to save, in batches: the next batch collects while one statement is running.</summary>
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
                await DatabaseRetryPolicy.Run(async cancel =>
                {
                    await store.SucceedAsync(Me, ids, cancel);
                    return true;
                });
                notifications.Publish(Topics.JobStates);
            }
            catch (Exception e)
            {
                log.LogError(e, "Cannot save the end of {Count} finished jobs; they will run again", batch.Count);
            }

            batch.ForEach(held.Remove);
            WakeClaims();
        }
    }

    private async Task RescueAsync(CancellationToken cancel)
    {
        var rescued = await store.RescueAsync(cancel);
        if (rescued > 0)
        {
            log.LogWarning("Rescued {Count} jobs of dead workers", rescued);
            notifications.Publish(Topics.Jobs);
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
                log.LogWarning("Cannot return job {JobId} to the queue; its lease will expire: {Error}", job.Job.Id, e.Message);
            }

            held.Remove(job);
        }

        StopWaiting();
        var allDone = AllEndAsync(slots);
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

            StopWaiting();
        }

        await allDone;
    }

    // No other job starts any more, so that these could wait for ever.
    private void StopWaiting()
    {
        foreach (var job in waiting.Keys)
        {
            job.StopWaiting();
        }
    }

    private async Task AllEndAsync(Task[] slots)
    {
        await Task.WhenAll(slots);
        await Task.WhenAll(waiting.Values);
    }

    // Returns what no attempt has returned: jobs that were stopped shortly before their leases expired, or whose end was not saved.
    private async Task ReleaseAllAsync()
    {
        try
        {
            var released = await store.ReleaseAllAsync(Me, CancellationToken.None);
            if (released > 0)
            {
                log.LogInformation("Returned {Count} jobs to the queue", released);
                notifications.Publish(Topics.Jobs);
            }
        }
        catch (Exception e)
        {
            log.LogWarning("Cannot return the remaining jobs to the queue; their leases will expire: {Error}", e.Message);
        }
    }

    public override void Dispose()
    {
        drained.Dispose();
        base.Dispose();
    }
}
