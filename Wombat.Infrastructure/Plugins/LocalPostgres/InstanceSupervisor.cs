using Microsoft.Extensions.Logging;
using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>
/// Keeps the databases as their metadata say: starts servers that have ended, ends sessions of expired users, watches disk and archive.
/// Works once a second, and never on a database on which a call works.
/// </summary>
internal sealed class InstanceSupervisor(
    InstanceStore store,
    PreparedInstances prepared,
    InstanceRunner runner,
    InstanceLifecycle lifecycle,
    UserService users,
    DiskWatch disk,
    HealthBoard health,
    TimeProvider clock,
    ILogger<InstanceSupervisor> log
)
{
    private const int MaxParallel = 4;
    private const int MaxDoublings = 6;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UnneededWalAge = TimeSpan.FromMinutes(10);
    private const long LogMaxBytes = 16 * 1024 * 1024;

    /// <summary>Completes when cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await SweepAsync(stop);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.LogError(e, "The supervision of local databases failed and is repeated");
            }
        } while (await WaitAsync(timer, stop));
    }

    /// <summary>Looks at every database once.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancel };
        await Parallel.ForEachAsync(store.All(), parallel, async (folder, token) => await TryAsync(folder, token));
        store.DeleteRemoved();
        await prepared.RefillAsync(cancel);
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

        if (!folder.HasData || clock.GetUtcNow() < known.NextAttemptAt)
        {
            return;
        }

        try
        {
            await runner.StartAsync(folder, instance, cancel);
            health.Set(folder, new InstanceHealth());
            log.LogInformation("The server of database {Name} was started", instance.Name);
        }
        catch (ExternalSystemException e)
        {
            var delay = RetryDelay * Math.Pow(2, Math.Min(known.Attempts, MaxDoublings));
            health.Set(folder, new InstanceHealth(e.Message, known.Attempts + 1, clock.GetUtcNow() + delay));
            if (known.Failure != e.Message)
            {
                log.LogError("The server of database {Name} cannot be started: {Error}", instance.Name, e.Message);
            }
        }
    }

    private async Task TryAsync(InstanceFolder folder, CancellationToken cancel)
    {
        using var turn = store.TryLock(folder.Key);
        if (turn is null)
        {
            return;
        }

        try
        {
            if (folder.Read() is { Phase: InstancePhase.Ready } instance)
            {
                await SuperviseAsync(folder, instance, cancel);
            }
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            log.LogWarning("The supervision of database {Key} failed and is repeated: {Error}", folder.Key, e.Message);
        }
    }

    private async Task SuperviseAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        await EnsureRunningAsync(folder, instance, cancel);
        if (!InstanceRunner.IsRunning(folder))
        {
            return;
        }

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

        return instance.Frozen?.Cause == FreezeCause.HostDisk && freeze is null
            ? await lifecycle.UnfreezeAsync(folder, instance, cancel)
            : instance;
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
