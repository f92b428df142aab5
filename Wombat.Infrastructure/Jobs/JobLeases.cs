using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Wombat.Application.Common;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Jobs;

/// <summary>The jobs that a worker holds: renews their leases, tells them when their end is asked for or their lease lost.</summary>
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
    // Of a lease: what is left of it is for the processes to end in.
    private const double Usable = 0.8;

    private readonly ConcurrentDictionary<Guid, RunningJob> held = new();

    /// <summary>As whom they are held.</summary>
    public Guid Worker => worker;

    public int Count => held.Count;

    public ICollection<RunningJob> All => held.Values;

    public void Add(RunningJob job)
    {
        // A lease that was lost may come back to this very worker while the attempt that lost it is still ending.
        if (held.TryGetValue(job.Job.Id, out var before))
        {
            before.Stop(StopReason.LeaseLost);
        }

        held[job.Job.Id] = job;
    }

    /// <summary>Not by the id alone: another attempt may be held by now.</summary>
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

    // Past its lease another worker may have the job: it stops before that one starts, by this clock alone, since whatever
    // asks the database may hang with it.
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
                    // Taken away; or it ended while the statement ran, and hears this no more.
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
                log.LogError(e, "Leases cannot be renewed");
            }
        }
        catch (Exception)
        {
            // Stopping.
        }
    }
}
