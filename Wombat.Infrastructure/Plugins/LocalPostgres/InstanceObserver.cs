using System.Globalization;
using Wombat.Application.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Postgres;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Reports the state of databases as it is on this machine.</summary>
internal sealed class InstanceObserver(LocalPostgresOptions options, HealthBoard health, DiskUsage disk)
{
    private static readonly ResourceDifference MissingData = new("data_directory", "present", null);

    public ResourceObservation Observe(InstanceFolder folder, Instance instance)
    {
        var (state, note) = StateOf(folder, instance);
        var observation = new ResourceObservation(state, instance.Id, note);
        return instance.Phase == InstancePhase.Ready
            ? observation with
            {
                Differences = state == ObservedState.Missing ? [MissingData] : health.Of(folder).Differences,
                LastRestorableAt = LastRestorable(folder, instance),
                Endpoints = [new ResourceEndpoint("postgres", options.Host, instance.Port)],
                Facts = Facts(folder, instance),
            }
            : observation;
    }

    private (ObservedState State, string? Note) StateOf(InstanceFolder folder, Instance instance)
    {
        switch (instance.Phase)
        {
            case InstancePhase.Creating:
                return (ObservedState.Broken, "Its creation has not ended.");
            case InstancePhase.Trashed:
                return (ObservedState.Stopped, "It was deleted; its data are kept.");
            case InstancePhase.Archived:
                return (ObservedState.Stopped, "It was deleted; a final backup is kept.");
        }

        if (instance.Restore is { IsClosed: true })
        {
            return health.Of(folder).Failure is { } error
                ? (ObservedState.Broken, $"A restore in place cannot be completed: {error}")
                : (ObservedState.Updating, "A restore in place is being completed.");
        }

        if (!folder.HasData)
        {
            return (
                ObservedState.Missing,
                new BackupCatalog(folder).IsEmpty
                    ? "Its data directory is missing, and it has no backup. Delete it."
                    : "Its data directory is missing. Repair it from its backups, or restore one into a new database."
            );
        }

        var known = health.Of(folder);
        var pidFile = new PostmasterPidFile(folder.Data);
        if (!pidFile.IsOfRunningServer())
        {
            return known.Failure is { } failure
                ? (ObservedState.Broken, failure)
                : (ObservedState.Updating, "Its server has ended and is started again.");
        }

        return pidFile.Status is not ("ready" or "standby") ? (ObservedState.Updating, "Its server is starting.")
            : instance.Frozen is { } frozen ? (ObservedState.Frozen, frozen.Reason)
            : known.Warning is { } warning ? (ObservedState.Degraded, warning)
            : (ObservedState.Running, null);
    }

    private static DateTimeOffset? LastRestorable(InstanceFolder folder, Instance instance)
    {
        // Databases of earlier versions have no time of the last backup in their metadata.
        if ((instance.LastBackupAt ?? BackupService.List(folder, instance).LastRestorableAt) is not { } backup)
        {
            return null;
        }

        return instance.LastRestorableAt > backup ? instance.LastRestorableAt : backup;
    }

    // The size is rounded, so that it changes seldom.
    private Dictionary<string, string> Facts(InstanceFolder folder, Instance instance)
    {
        var mib = (disk.Of(folder).Data + (1 << 20) - 1) >> 20;
        var step =
            mib < 256 ? 32
            : mib < 4096 ? 256
            : 1024;
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [DatabaseFacts.Name] = TenantRoles.Database,
            [DatabaseFacts.SslMode] = CredentialsService.SslModeName,
            [DatabaseFacts.Version] = instance.Version.ToString(CultureInfo.InvariantCulture),
            [DatabaseFacts.Size] = (((mib + step - 1) / step * step) << 20).ToString(CultureInfo.InvariantCulture),
        };
    }
}
