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
internal sealed class GroupRuns(
    IWombatDbContext db,
    JobScheduler scheduler,
    RunCancellation cancellation,
    INotificationBus notifications,
    TimeProvider clock
)
{
    private const int NamedMax = 10;

    /// <summary>How many reads of the database may fail in a row; the lease ends the attempt before if the database is away.</summary>
    private const int FailuresMax = 120;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    // Jobs of others end all the time.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Ends when no run on a host is under way and no further one is to start.</summary>
    /// <exception cref="JobFailedException">It has not succeeded on every host.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled and has ended on every host, or its worker stops.</exception>
    public async Task RunAsync(Run group, JobRun run, CancellationToken cancel)
    {
        run.ReleaseSlot();
        var reported = new HashSet<Guid>();
        try
        {
            await RepeatAsync(() => AdvanceAsync(group, run, reported, cancel), cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // A worker that stops leaves the runs on the hosts alone: the next attempt goes on with them.
            if (await db.Jobs.AnyAsync(j => j.Id == group.Id && j.CancelRequested, CancellationToken.None))
            {
                await EndPartsAsync(group, run, reported);
            }

            throw;
        }
    }

    /// <summary>Cancels the run on every host, and waits until it has ended on all.</summary>
    /// <exception cref="JobSnoozedException">The worker stops before.</exception>
    public Task EndPartsAsync(Run group, JobRun run)
    {
        run.ReleaseSlot();
        return EndPartsAsync(group, run, []);
    }

    /// <summary>Whether it has not ended on some host.</summary>
    public Task<bool> HasUnfinishedPartsAsync(Guid group, CancellationToken cancel) =>
        db.Runs.AnyAsync(r => r.ParentId == group && !r.IsEnded, cancel);

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
    /// <exception cref="ConflictException">It has not ended on every host.</exception>
    public async Task ReplaceFailedAsync(Run group, CancellationToken cancel)
    {
        if (await HasUnfinishedPartsAsync(group.Id, cancel))
        {
            throw new ConflictException(ErrorCode.JobNotRetryable, "The run has not ended on every host yet.");
        }

        var failed = db.Jobs.Where(j => j.State != JobState.Succeeded).Select(j => j.Id);
        var parts = db.Runs.Where(r => r.ParentId == group.Id && !r.IsReplaced && failed.Contains(r.Id));
        (await parts.ToListAsync(cancel)).ForEach(r => r.Replace());
    }

    private async Task RepeatAsync(Func<Task<bool>> isUnderWay, CancellationToken cancel)
    {
        using var news = notifications.Subscribe(Topics.JobStates);
        for (var failures = 0; ; )
        {
            try
            {
                if (!await isUnderWay())
                {
                    return;
                }

                failures = 0;
            }
            catch (Exception e)
                when (e is not (OperationCanceledException or WombatException or JobFailedException) && ++failures < FailuresMax)
            {
                db.Context.ChangeTracker.Clear();
            }

            await news.WaitAsync(Poll, cancel);
            await Task.Delay(Pause, clock, cancel);
        }
    }

    /// <returns>Whether there is something to wait for.</returns>
    private async Task<bool> AdvanceAsync(Run group, JobRun run, HashSet<Guid> reported, CancellationToken cancel)
    {
        var parts = await ReadPartsAsync(group, cancel);
        await ReportAsync(parts, run.Log, reported, cancel);
        if (Startable(group, parts).Any())
        {
            await StartAsync(group, run, cancel);
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

    // The lock orders this with a cancellation and with another attempt, which begins when this one has lost its lease.
    private async Task StartAsync(Run group, JobRun run, CancellationToken cancel)
    {
        await db.InTransactionAsync(
            async token =>
            {
                db.Context.ChangeTracker.Clear();
                var job = await db.LockJobAsync(group.Id, token);
                var isMine = job is { State: JobState.Running, CancelRequested: false } && job.Attempt == run.Attempt;
                var hosts = isMine ? Startable(group, await ReadPartsAsync(group, token)).ToList() : [];
                var earlier = await ReadEarlierAsync(group, token);
                foreach (var host in hosts)
                {
                    var part = scheduler.Enqueue(RunCommandJob.Kind, new JobTarget(group.ProjectId), OptionsFor(group));
                    db.Runs.Add(group.OnHost(part.Id, host, earlier.GetValueOrDefault(host.Id)));
                }

                return await db.SaveChangesAsync(token);
            },
            cancel
        );
        db.Context.ChangeTracker.Clear();
    }

    // By host the program of a part whose end was not proven: it is ended before the next one starts.
    private async Task<Dictionary<Guid, RemoteProcess?>> ReadEarlierAsync(Run group, CancellationToken cancel)
    {
        var replaced = await db.Runs.AsNoTracking().Where(r => r.ParentId == group.Id && r.IsReplaced).ToListAsync(cancel);
        return replaced.GroupBy(r => r.Inputs.SshHostId!.Value).ToDictionary(g => g.Key, g => g.MaxBy(r => r.Id)!.Remote);
    }

    private static JobOptions OptionsFor(Run group) => RunCommandJob.OptionsFor(group.Inputs with { Hosts = [] });

    private static async Task ReportAsync(List<RunPart> parts, IJobLog log, HashSet<Guid> reported, CancellationToken cancel)
    {
        foreach (var part in parts.Where(p => p.Part is { Job.IsEnded: true } && reported.Add(p.Part.Run.Id)))
        {
            await log.WriteAsync(part.EndText, cancel);
        }
    }

    private async Task EndPartsAsync(Run group, JobRun run, HashSet<Guid> reported)
    {
        var isRequested = false;
        try
        {
            await RepeatAsync(
                async () =>
                {
                    isRequested = isRequested || await RequestCancellationAsync(group);
                    var parts = await ReadPartsAsync(group, run.Stopping);
                    await ReportAsync(parts, run.Log, reported, run.Stopping);
                    return parts.Exists(p => p.IsUnderWay);
                },
                run.Stopping
            );
        }
        catch (OperationCanceledException) when (run.Stopping.IsCancellationRequested)
        {
            throw new JobSnoozedException(TimeSpan.Zero);
        }
    }

    private Task<bool> RequestCancellationAsync(Run group) =>
        db.InTransactionAsync(
            async token =>
            {
                db.Context.ChangeTracker.Clear();
                await CancelPartsAsync(group, token);
                await db.SaveChangesAsync(token);
                return true;
            },
            CancellationToken.None
        );

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
