using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>
/// Keeps the databases as their metadata say: starts servers that have ended, completes restores in place that were cut short, ends
/// sessions of expired users, watches disk and archive.
/// Looks at each once a second, and never at one on which a call works, except for a backup.
/// </summary>
internal sealed class InstanceSupervisor(
    InstanceStore store,
    PreparedInstances prepared,
    InstanceRunner runner,
    InstanceLifecycle lifecycle,
    InPlaceRestore restore,
    UserService users,
    DiskWatch disk,
    InstanceInspector inspector,
    HealthBoard health,
    TimeProvider clock,
    ILogger<InstanceSupervisor> log
)
{
    private const int MaxStarts = 4;
    private const int MaxParallel = 8;
    private const int MaxDoublings = 6;
    private const long LogMaxBytes = 16 * 1024 * 1024;
    private const string Upkeep = "";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    // A server that takes longer to start, such as for its recovery, makes room for others.
    private static readonly TimeSpan StartTurn = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UnneededWalAge = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Task> working = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> adopted = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim starts = new(MaxStarts);
    private readonly SemaphoreSlim turns = new(MaxParallel);
    private readonly DateTimeOffset startedAt = clock.GetUtcNow();

    /// <summary>Completes when cancelled, and nothing works any more.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                foreach (var folder in store.All())
                {
                    Begin(folder.Key, token => LookAsync(folder, token), stop);
                }

                Begin(Upkeep, KeepUpAsync, stop);
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                log.LogError(e, "The supervision of local databases failed and is repeated");
            }
        } while (await WaitAsync(timer, stop));

        await Task.WhenAll(working.Values);
    }

    /// <summary>Starts the server of a database if it has ended and is meant to run.</summary>
    public async Task EnsureRunningAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        var known = health.Of(folder);
        if (InstanceRunner.IsRunning(folder))
        {
            if (known.Failure is not null)
            {
                health.Set(folder, known with { Failure = null, Attempts = 0 });
            }

            return;
        }

        if (folder.HasData)
        {
            await TryAsync(folder, instance, () => StartInTurnAsync(folder, instance, cancel), cancel);
        }
    }

    // Waits longer after each failure.
    private async Task TryAsync(InstanceFolder folder, Instance instance, Func<Task> start, CancellationToken cancel)
    {
        var known = health.Of(folder);
        if (clock.GetUtcNow() < known.NextAttemptAt)
        {
            return;
        }

        try
        {
            await start();
            health.Set(folder, new InstanceHealth());
            log.LogInformation("The server of database {Name} was started", instance.Name);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            var delay = RetryDelay * Math.Pow(2, Math.Min(known.Attempts, MaxDoublings));
            health.Set(folder, new InstanceHealth(e.Message, known.Attempts + 1, clock.GetUtcNow() + delay));
            if (known.Failure != e.Message)
            {
                log.LogError("The server of database {Name} cannot be started: {Error}", instance.Name, e.Message);
            }
        }
    }

    // Each database has work of its own, so that one that takes long holds no other.
    private void Begin(string key, Func<CancellationToken, Task> work, CancellationToken stop)
    {
        var done = new TaskCompletionSource();
        if (working.TryAdd(key, done.Task))
        {
            _ = Task.Run(() => WorkAsync(key, work, done, stop), CancellationToken.None);
        }
    }

    private async Task WorkAsync(string key, Func<CancellationToken, Task> work, TaskCompletionSource done, CancellationToken stop)
    {
        try
        {
            await work(stop);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // The next Wombat continues.
        }
        catch (Exception e)
        {
            log.LogWarning("The supervision of database {Key} failed and is repeated: {Error}", key, e.Message);
        }
        finally
        {
            working.TryRemove(key, out _);
            done.SetResult();
        }
    }

    private async Task KeepUpAsync(CancellationToken cancel)
    {
        store.DeleteRemoved();
        await prepared.RefillAsync(cancel);
    }

    private async Task StartInTurnAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        await starts.WaitAsync(cancel);
        Task start;
        try
        {
            start = runner.StartAsync(folder, instance, cancel);
            await Task.WhenAny(start, Task.Delay(StartTurn, clock, cancel));
        }
        finally
        {
            starts.Release();
        }

        await start;
    }

    private async Task LookAsync(InstanceFolder folder, CancellationToken cancel)
    {
        using var turn = store.TryLock(folder.Key);
        if (turn is null || folder.Read() is not { } instance)
        {
            return;
        }

        if (instance.IsThrowAway && instance.CreatedAt < startedAt)
        {
            log.LogInformation("A restore on trial that was cut short is removed: {Name}", instance.Name);
            await lifecycle.DeprovisionAsync(folder, instance, cancel);
            return;
        }

        RemovePartialBackups(folder);
        if (instance.Phase != InstancePhase.Ready)
        {
            return;
        }

        if (InPlaceRestore.IsToBeCompleted(folder, instance))
        {
            var lines = new SupervisionLog(log, instance.Name);
            await TryAsync(folder, instance, () => restore.CompleteAsync(folder, instance, lines, cancel), cancel);
            return;
        }

        await EnsureRunningAsync(folder, instance, cancel);
        if (InstanceRunner.IsRunning(folder))
        {
            await turns.WaitAsync(cancel);
            try
            {
                await SuperviseAsync(folder, instance, cancel);
            }
            finally
            {
                turns.Release();
            }
        }
    }

    // Once after the start: those of a process that was killed.
    private void RemovePartialBackups(InstanceFolder folder)
    {
        if (adopted.ContainsKey(folder.Key))
        {
            return;
        }

        using var turn = store.TryLock(InstanceStore.BackupsOf(folder.Key));
        if (turn is not null)
        {
            new BackupCatalog(folder).RemoveIncomplete();
            adopted.TryAdd(folder.Key, true);
        }
    }

    private async Task SuperviseAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        try
        {
            instance = await users.EndExpiredAsync(folder, instance, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            // A tenant that delays the end of its access must not escape its disk limit as well.
            log.LogWarning("The access of expired users of database {Name} could not be ended: {Error}", instance.Name, e.Message);
        }

        instance = await WatchDiskAsync(folder, instance, cancel);
        var warning = disk.Warning(folder, instance) ?? WalArchive.Problem(folder, clock.GetUtcNow());
        if (health.Of(folder) is var known && known.Warning != warning)
        {
            health.Set(folder, known with { Warning = warning });
        }

        await inspector.InspectAsync(folder, instance, cancel);
        TruncateLog(folder);
        if (instance.Tier.BackupSchedule is null && new BackupCatalog(folder).IsEmpty)
        {
            WalArchive.PruneWithoutBackup(folder, instance, clock.GetUtcNow() - UnneededWalAge);
        }
    }

    private async Task<Instance> WatchDiskAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        var freeze = disk.FindFreeze(folder, instance);
        if (instance.Frozen is null && freeze is not null)
        {
            log.LogError("Database {Name}: {Reason}", instance.Name, freeze.Reason);
            return await lifecycle.FreezeAsync(folder, instance, freeze, cancel);
        }

        if (freeze is not null || instance.Frozen?.Cause is FreezeCause.Request)
        {
            return instance;
        }

        if (instance.Frozen is not null)
        {
            return await lifecycle.UnfreezeAsync(folder, instance, cancel);
        }

        // Its time to delete rows is over, and it is far enough below its limit.
        return instance.WritableUntil <= clock.GetUtcNow() ? folder.Update(instance, i => i with { WritableUntil = null }) : instance;
    }

    private static void TruncateLog(InstanceFolder folder)
    {
        if (File.Exists(folder.Log) && new FileInfo(folder.Log).Length > LogMaxBytes)
        {
            using var file = new FileStream(folder.Log, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.SetLength(0);
        }
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
