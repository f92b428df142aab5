using Microsoft.EntityFrameworkCore;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Commands;

/// <summary>
/// Executes runs on several hosts. Each host has a run and a job of its own, by which a repeated attempt finds what an earlier one has
/// started.
/// </summary>
internal sealed class GroupRuns(IWombatDbContext db, JobScheduler scheduler, RunCancellation cancellation, INotificationBus notifications)
{
    private const int NamedMax = 10;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    /// <summary>Ends when no run on a host is under way and no further one is to start.</summary>
    /// <exception cref="JobFailedException">It has not succeeded on every host.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled and has ended on every host, or its worker stops.</exception>
    public async Task RunAsync(Run group, JobRun run, CancellationToken cancel)
    {
        run.ReleaseSlot();
        var reported = new HashSet<Guid>();
        using var news = notifications.Subscribe(Topics.JobStates);
        try
        {
            while (await AdvanceAsync(group, run, reported, cancel))
            {
                await news.WaitAsync(Poll, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await EndPartsAsync(group, run, reported, news);
            throw;
        }
    }

    /// <summary>The hosts of the run, each with the run on it.</summary>
    public async Task<List<RunPart>> ReadPartsAsync(Run group, CancellationToken cancel)
    {
        var parts = await db
            .Runs.AsNoTracking()
            .Where(r => r.ParentId == group.Id && !r.IsReplaced)
            .Join(db.Jobs.AsNoTracking(), r => r.Id, j => j.Id, (r, j) => new RunWithJob { Run = r, Job = j })
            .ToDictionaryAsync(r => r.Run.Inputs.SshHostId!.Value, cancel);
        return [.. group.Inputs.Hosts.Select(h => new RunPart(h, parts.GetValueOrDefault(h.Id)))];
    }

    /// <summary>Cancels the runs on hosts that have not ended. Runs in the caller's transaction; the caller saves.</summary>
    public async Task CancelPartsAsync(Run group, CancellationToken cancel) =>
        await cancellation.CancelAsync(await cancellation.UnfinishedOf(r => r.ParentId == group.Id, cancel), cancel);

    /// <summary>Lets a retry run again on the hosts on which it has not succeeded. The caller saves.</summary>
    public async Task ReplaceFailedAsync(Run group, CancellationToken cancel)
    {
        var failed = db.Jobs.Where(j => j.State != JobState.Succeeded).Select(j => j.Id);
        var parts = db.Runs.Where(r => r.ParentId == group.Id && !r.IsReplaced && failed.Contains(r.Id));
        (await parts.ToListAsync(cancel)).ForEach(r => r.Replace());
    }

    /// <returns>Whether there is something to wait for.</returns>
    private async Task<bool> AdvanceAsync(Run group, JobRun run, HashSet<Guid> reported, CancellationToken cancel)
    {
        var parts = await ReadPartsAsync(group, cancel);
        await ReportAsync(parts, run.Log, reported, cancel);
        if (Startable(group, parts).Any() && await StartAsync(group, cancel))
        {
            return true;
        }

        if (parts.Exists(p => p.IsUnderWay))
        {
            return true;
        }

        EnsureSucceeded(parts);
        return false;
    }

    private static IEnumerable<RunHost> Startable(Run group, List<RunPart> parts)
    {
        var spec = group.Inputs.Spec;
        return spec.StopAtFirstFailure && parts.Exists(p => p.HasFailed)
            ? []
            : parts.Where(p => p.Part is null).Take(spec.HostParallelism - parts.Count(p => p.IsUnderWay)).Select(p => p.Host);
    }

    // The lock lets no second attempt, whose worker has lost its lease, start on the same host, and orders it with a cancellation.
    private async Task<bool> StartAsync(Run group, CancellationToken cancel)
    {
        var hasMore = await db.InTransactionAsync(
            async token =>
            {
                db.Context.ChangeTracker.Clear();
                var job = await db.LockJobAsync(group.Id, token);
                var hosts = job.CancelRequested ? [] : Startable(group, await ReadPartsAsync(group, token)).ToList();
                foreach (var host in hosts)
                {
                    var part = scheduler.Enqueue(RunCommandJob.Kind, new JobTarget(group.ProjectId), OptionsFor(group));
                    db.Runs.Add(group.OnHost(part.Id, host));
                }

                await db.SaveChangesAsync(token);
                return job.CancelRequested || hosts.Count > 0;
            },
            cancel
        );
        db.Context.ChangeTracker.Clear();
        return hasMore;
    }

    private static JobOptions OptionsFor(Run group) => RunCommandJob.OptionsFor(group.Inputs with { Hosts = [] });

    private static async Task ReportAsync(List<RunPart> parts, IJobLog log, HashSet<Guid> reported, CancellationToken cancel)
    {
        foreach (var part in parts.Where(p => p.Part is { Job.IsEnded: true } && reported.Add(p.Part.Run.Id)))
        {
            await log.WriteAsync(part.EndText, cancel);
        }
    }

    // A worker that stops leaves the runs on the hosts alone: the next attempt goes on with them.
    private async Task EndPartsAsync(Run group, JobRun run, HashSet<Guid> reported, INotificationSubscription news)
    {
        if (!await db.Jobs.AnyAsync(j => j.Id == group.Id && j.CancelRequested))
        {
            return;
        }

        await db.InTransactionAsync(
            async token =>
            {
                db.Context.ChangeTracker.Clear();
                await CancelPartsAsync(group, token);
                return await db.SaveChangesAsync(token);
            },
            CancellationToken.None
        );
        while (true)
        {
            var parts = await ReadPartsAsync(group, CancellationToken.None);
            await ReportAsync(parts, run.Log, reported, CancellationToken.None);
            if (!parts.Exists(p => p.IsUnderWay))
            {
                return;
            }

            await news.WaitAsync(Poll, CancellationToken.None);
        }
    }

    private static void EnsureSucceeded(List<RunPart> parts)
    {
        var failed = parts.FindAll(p => p.HasFailed).ConvertAll(p => p.Host.Name);
        var unstarted = parts.Count(p => p.Part is null);
        if (failed.Count + unstarted == 0)
        {
            return;
        }

        var names = string.Join(", ", failed.Take(NamedMax)) + (failed.Count > NamedMax ? ", …" : "");
        throw new JobFailedException(
            ErrorCode.HostsFailed,
            $"The run did not succeed on {failed.Count} of {parts.Count} hosts: {names}."
                + (unstarted > 0 ? $" It was not started on {unstarted} others." : "")
        );
    }
}
