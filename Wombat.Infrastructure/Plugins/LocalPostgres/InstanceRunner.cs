using Wombat.Domain.Common;
using Wombat.Infrastructure.Postgres;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Runs the servers of databases as their metadata say.</summary>
internal sealed class InstanceRunner(
    LocalPostgresOptions options,
    InstanceStore store,
    PostgresInstallations installations,
    LocalCertificateAuthority authority,
    ServerLimits limits
)
{
    private const int PortAttempts = 20;
    private readonly ServerConfiguration configuration = new(options);

    public static bool IsRunning(InstanceFolder folder) => new PostmasterPidFile(folder.Data).IsOfRunningServer();

    public async Task<InstanceServer> ServerAsync(InstanceFolder folder, Instance instance, CancellationToken cancel) =>
        new(folder, await installations.GetAsync(instance.Version, cancel));

    /// <summary>Starts the server for clients, unless it runs; read-only if the database is frozen.</summary>
    /// <exception cref="ExternalSystemException">It does not start; the message is the reason.</exception>
    public Task StartAsync(InstanceFolder folder, Instance instance, CancellationToken cancel) =>
        StartAsync(folder, instance, ModeOf(instance), cancel);

    /// <summary>Starts the server for Wombat alone, unless it runs.</summary>
    public Task StartPrivatelyAsync(InstanceFolder folder, Instance instance, CancellationToken cancel) =>
        StartAsync(folder, instance, ServerMode.Private, cancel);

    /// <summary>Starts the server in recovery. Returns when it accepts connections, which is after the promotion.</summary>
    /// <exception cref="ServerStartException">The recovery failed.</exception>
    public Task RecoverAsync(InstanceFolder folder, Instance instance, RecoverySource source, CancellationToken cancel) =>
        StartServerAsync(folder, instance, ServerMode.Recovery, source, cancel);

    /// <summary>Starts the server; another port is chosen when another process has taken the one that was chosen before.</summary>
    /// <returns>The database with its port.</returns>
    public async Task<Instance> StartOnFreePortAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (instance.Port == 0)
            {
                instance = store.AssignPort(folder, instance);
            }

            try
            {
                await StartServerAsync(folder, instance, ModeOf(instance), null, cancel);
                return instance;
            }
            catch (ServerStartException e) when (e.PortIsTaken && attempt < PortAttempts)
            {
                instance = store.AssignPort(folder, instance);
            }
            catch (ServerStartException e)
            {
                throw Failure(instance, e);
            }
        }
    }

    public async Task StopAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        await (await ServerAsync(folder, instance, cancel)).StopAsync(cancel);
        limits.Remove(folder);
    }

    /// <summary>Ends every process that works in the folder.</summary>
    public async Task EndAllAsync(InstanceFolder folder, PostgresInstallation installation, CancellationToken cancel)
    {
        await new InstanceServer(folder, installation).EndAllAsync(cancel);
        limits.Remove(folder);
    }

    /// <summary>Gives up a data directory: ends what works in it and removes it.</summary>
    public async Task DiscardDataAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        await StopAsync(folder, instance, cancel);
        DataDirectory.Remove(folder.Discarded);
        if (Directory.Exists(folder.Data))
        {
            Directory.Move(folder.Data, folder.Discarded);
        }

        DataDirectory.Remove(folder.Discarded);
    }

    /// <summary>Removes what a restore in place has made beside the present data, unless it is to take their place.</summary>
    public async Task DiscardRestoredAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        var restored = folder.Restored;
        if (!Directory.Exists(restored.Path))
        {
            return;
        }

        if (instance.Restore?.Step == RestoreStep.Swapping)
        {
            await StopAsync(folder, instance, cancel);
            DataDirectory.Swap(folder);
        }

        await EndAllAsync(restored, await installations.GetAsync(instance.Version, cancel), cancel);
        PostgresSocketFolder.DeleteOutside(restored.Path);
        DataDirectory.Remove(restored.Path);
    }

    // A restore in place may have been cut short.
    private static void CompleteSwap(InstanceFolder folder, Instance instance)
    {
        if (instance.Restore?.Step == RestoreStep.Swapping && !IsRunning(folder))
        {
            DataDirectory.Swap(folder);
        }
    }

    // Restored data have the passwords of their time until the restore ends.
    private static ServerMode ModeOf(Instance instance) =>
        instance.Restore is { IsClosed: true } ? ServerMode.Private
        : instance.Frozen is null ? ServerMode.Normal
        : ServerMode.Standby;

    private async Task StartAsync(InstanceFolder folder, Instance instance, ServerMode mode, CancellationToken cancel)
    {
        try
        {
            await StartServerAsync(folder, instance, mode, null, cancel);
        }
        catch (ServerStartException e)
        {
            throw Failure(instance, e);
        }
    }

    private async Task StartServerAsync(
        InstanceFolder folder,
        Instance instance,
        ServerMode mode,
        RecoverySource? recovery,
        CancellationToken cancel
    )
    {
        CompleteSwap(folder, instance);
        if (!folder.HasData)
        {
            throw new ExternalSystemException(
                ExternalFailure.Unknown,
                "The data directory of the database is missing. Restore the database from a backup into a new one."
            );
        }

        var installation = await installations.GetAsync(instance.Version, cancel);
        var server = new InstanceServer(folder, installation);
        if (server.IsRunning)
        {
            // A Wombat that was killed may have left it in another mode.
            await server.StartAsync(memoryMib: null, mode, cancel);
            if (!server.RunsAs(mode))
            {
                await server.StopAsync(cancel);
            }
        }

        if (!server.IsRunning)
        {
            authority.EnsureServerCertificate(folder, installation.User);
            CreateArchive(folder, instance, installation);
            configuration.Write(folder, instance, installation, mode, recovery);
            SetStandby(folder, mode == ServerMode.Standby, installation);
        }

        await server.StartAsync(instance.Tier.MemoryMib, mode, cancel);
        if (mode is ServerMode.Normal or ServerMode.Standby)
        {
            limits.Apply(folder, instance);
        }
    }

    private static void CreateArchive(InstanceFolder folder, Instance instance, PostgresInstallation installation)
    {
        new InstanceFolder(folder.Archives).Create();
        installation.User.CreatePrivateDirectory(folder.ArchiveOf(instance));
    }

    private static void SetStandby(InstanceFolder folder, bool standby, PostgresInstallation installation)
    {
        if (standby)
        {
            File.WriteAllText(folder.StandbySignal, "");
            installation.User.ChangeOwner(folder.StandbySignal);
        }
        else
        {
            File.Delete(folder.StandbySignal);
        }
    }

    private ExternalSystemException Failure(Instance instance, ServerStartException e) =>
        new(
            ExternalFailure.Unavailable,
            e.PortIsTaken
                ? $"Port {instance.Port} on {options.Address} is in use by another process. Free it, or restart the database, "
                    + "which chooses another port."
                : $"The server does not start: {e.Message}",
            inner: e
        );
}
