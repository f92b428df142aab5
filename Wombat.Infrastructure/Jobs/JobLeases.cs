using System.Collections.Concurrent;
using Wombat.Application.Common;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Jobs;

/// <summary>
/// The jobs that a worker holds. Renews their leases, and stops them when a cancellation is requested or the lease is lost.
/// </summary>
internal sealed class JobLeases(
    JobStore store,
    INotificationBus notifications,
    JobSettings settings,
    TimeProvider clock,
    BackgroundLoop loop,
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

    public Task RunAsync(CancellationToken stop) =>
        Task.WhenAll(
            loop.RunAsync(
                new LoopOptions("renewal of leases", settings.Lease / 4) { WaitsFirst = true },
                cancel => RenewAsync(settings.Lease / 5, cancel),
                stop
            ),
            loop.RunAsync(new LoopOptions("check for expired leases", settings.Lease / 10) { WaitsFirst = true }, StopExpiredAsync, stop),
            loop.RunAsync(
                new LoopOptions("check for cancelled jobs", Timeout.InfiniteTimeSpan)
                {
                    WaitsFirst = true,
                    WakeUp = () => notifications.Subscribe(Topics.Cancel),
                },
                cancel => RenewAsync(TimeSpan.Zero, cancel),
                stop
            )
        );

    // After its lease another worker may claim the job, so it must stop before. Decided by the local clock alone, because a query may
    // hang together with the database.
    private Task StopExpiredAsync(CancellationToken cancel)
    {
        foreach (var job in held.Values.Where(r => clock.GetElapsedTime(r.RenewedAt) >= r.Lease * Usable))
        {
            job.Stop(StopReason.LeaseLost);
        }

        return Task.CompletedTask;
    }

    private async Task RenewAsync(TimeSpan olderThan, CancellationToken cancel)
    {
        foreach (var due in held.Values.Where(r => clock.GetElapsedTime(r.RenewedAt) >= olderThan).ToLookup(r => r.Lease))
        {
            await RenewAsync([.. due], due.Key, cancel);
        }
    }

    private async Task RenewAsync(List<RunningJob> due, TimeSpan lease, CancellationToken cancel)
    {
        var now = clock.GetTimestamp();
        var answers = await store.HeartbeatAsync(worker, [.. due.Select(r => r.Job.Id)], lease, cancel);
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
}
