using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Wombat.Application.Common;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Jobs;

/// <summary>The jobs that a worker holds. Renews their leases, and stops them when a cancellation is requested or the lease is lost.</summary>
internal sealed class JobLeases(
    JobStore store,
    INotificationBus notifications,
    JobSettings settings,
    TimeProvider clock,
    DatabaseAvailability availability,
    ILogger log,
    Guid worker
)
{
    // The part of the lease after which a job stops; the rest is for ending its processes.
    private const double Usable = 0.8;

    private readonly ConcurrentDictionary<Guid, RunningJob> held = new();

    /// <summary>The name of this worker.</summary>
    public Guid Worker => worker;

    public int Count => held.Count;

    public ICollection<RunningJob> All => held.Values;

    public void Add(RunningJob job)
    {
        // This worker may claim a job again while its earlier attempt, which lost the lease, is still ending.
        if (held.TryGetValue(job.Job.Id, out var before))
        {
            before.Stop(StopReason.LeaseLost);
        }

        held[job.Job.Id] = job;
    }

    /// <summary>Removes this attempt, but not a later attempt of the same job.</summary>
    public void Remove(RunningJob job) => held.TryRemove(KeyValuePair.Create(job.Job.Id, job));

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(RenewLoopAsync(stop), WatchLoopAsync(stop), CancelLoopAsync(stop));

    private async Task RenewLoopAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(settings.Lease / 4, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await RenewAsync(settings.Lease / 5, stop);
        }
    }

    // After its lease another worker may claim the job, so it must stop before. Decided by the local clock alone, because a query may
    // hang together with the database.
    private async Task WatchLoopAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(settings.Lease / 10, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var job in held.Values.Where(r => clock.GetElapsedTime(r.RenewedAt) >= settings.Lease * Usable))
            {
                job.Stop(StopReason.LeaseLost);
            }
        }
    }

    private async Task CancelLoopAsync(CancellationToken stop)
    {
        using var cancels = notifications.Subscribe(Topics.Cancel);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await cancels.WaitAsync(Timeout.InfiniteTimeSpan, stop);
                await RenewAsync(TimeSpan.Zero, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task RenewAsync(TimeSpan olderThan, CancellationToken stop)
    {
        var due = held.Values.Where(r => clock.GetElapsedTime(r.RenewedAt) >= olderThan).ToList();
        if (due.Count == 0)
        {
            return;
        }

        try
        {
            var now = clock.GetTimestamp();
            var answers = await store.HeartbeatAsync(worker, [.. due.Select(r => r.Job.Id)], settings.Lease, stop);
            foreach (var job in due)
            {
                if (!answers.TryGetValue(job.Job.Id, out var answer))
                {
                    // The lease was lost, or the job ended while the statement ran, in which case the stop has no effect.
                    job.Stop(StopReason.LeaseLost);
                    continue;
                }

                if (answer.IsRenewed)
                {
                    job.RenewedAt = now;
                }

                if (answer.CancelRequested)
                {
                    job.Stop(StopReason.Cancelled);
                }
            }
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            if (!availability.Report(e))
            {
                log.LogError(e, "Cannot renew leases");
            }
        }
        catch (Exception)
        {
            // Stopping.
        }
    }
}
