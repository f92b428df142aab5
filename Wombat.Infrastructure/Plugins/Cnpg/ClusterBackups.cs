using System.Globalization;
using System.Text.Json.Nodes;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Makes and lists the backups of a cluster, and finds out how to restore one.</summary>
internal sealed class ClusterBackups(
    KubernetesApi api,
    ClusterStore clusters,
    ClusterSecrets secrets,
    CnpgManifests manifests,
    CnpgOptions options,
    TimeProvider time
)
{
    private const string Completed = "completed";
    private static readonly string[] FailedPhases = ["failed", "walArchivingFailing", "invalid backup definition"];

    /// <param name="asksDatabase">Whether the database is asked for the last archived commit, which the operator does not publish.</param>
    public async Task<DatabaseBackups> ListAsync(ClusterView cluster, bool asksDatabase, CancellationToken cancel)
    {
        var selector = $"{CnpgNames.ClusterLabel}={cluster.Id.Name}";
        var completed = (await api.ListAsync(KubernetesKind.Backup, cluster.Id.Namespace, selector, cancel))
            .Where(b => IsCompleted(b) && ServerNameOf(b) is var stored && (stored is null || stored == cluster.ServerName))
            .Select(ToBackup)
            .OrderByDescending(b => b.EndedAt)
            .ToList();
        if (completed.Count == 0 && cluster.FirstRecoverabilityPoint is null)
        {
            return new DatabaseBackups([], null, null);
        }

        var last = completed.Count > 0 ? completed[0].EndedAt : cluster.LastSuccessfulBackup ?? cluster.FirstRecoverabilityPoint!.Value;
        var archived = (asksDatabase ? await ArchivedAsync(cluster, cancel) : null) ?? last;
        return new DatabaseBackups(completed, cluster.FirstRecoverabilityPoint ?? completed[^1].EndedAt, archived > last ? archived : last);
    }

    // A database that cannot be asked has at least its last backup.
    private async Task<DateTimeOffset?> ArchivedAsync(ClusterView cluster, CancellationToken cancel)
    {
        if (!cluster.IsReady || cluster.ShouldHibernate || !cluster.IsTrue("ContinuousArchiving"))
        {
            return null;
        }

        try
        {
            await using var connection = await ClusterConnection.OpenAsync(await secrets.ReadAsync(cluster, null, cancel), cancel);
            return await connection.LastArchivedAsync(cancel);
        }
        catch (ExternalSystemException)
        {
            return null;
        }
    }

    /// <param name="name">The name of the Backup; null for one with the present time. One that exists is waited for.</param>
    public async Task<DatabaseBackup> MakeAsync(
        ProvisionRequest<DatabaseSpec> request,
        ClusterView cluster,
        IPluginLog log,
        CancellationToken cancel,
        string? name = null
    )
    {
        if (cluster.ServerName is null || options.ObjectStore is null)
        {
            throw new ExternalSystemException(
                ExternalFailure.Conflict,
                $"{request.Resource.ExternalName} has no backups: its tier has no schedule, or plugins.{options.Instance} no object store."
            );
        }

        if (cluster.ShouldHibernate)
        {
            throw new ExternalSystemException(ExternalFailure.Conflict, $"{request.Resource.ExternalName} is frozen.");
        }

        name ??= CnpgNames.Backup(cluster.Id.Name, time.GetUtcNow());
        await api.ApplyAsync(KubernetesKind.Backup, manifests.Backup(request, cluster.Id, name), cancel);
        await log.WriteAsync($"Waiting for the Backup {name}.", cancel);
        return ToBackup(await WaitAsync(cluster.Id with { Name = name }, cancel));
    }

    /// <summary>How the data of a new database are created.</summary>
    public async Task<ClusterBootstrap> BootstrapAsync(ProvisionRequest<DatabaseSpec> request, CancellationToken cancel)
    {
        if (request.Spec.Origin is not { } origin)
        {
            return CnpgManifests.Initialize();
        }

        if (options.ObjectStore is null)
        {
            throw new ExternalSystemException(
                ExternalFailure.Invalid,
                $"Nothing can be restored: plugins.{options.Instance} has no object store."
            );
        }

        var source = await clusters.FindAsync(request.Resource with { ExternalKey = origin.SourceKey, ExternalId = null }, cancel);
        var name = CnpgNames.Cluster(origin.SourceName);
        var target = origin switch
        {
            { BackupId: { } backup } => new JsonObject
            {
                ["backupID"] = await BackupIdAsync(
                    new ClusterId(source?.Id.Namespace ?? manifests.IdOf(request).Namespace, backup),
                    source?.Id.Name ?? name,
                    cancel
                ),
                ["targetImmediate"] = true,
            },
            { TargetTime: { } at } => new JsonObject
            {
                ["targetTime"] = at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture),
            },
            _ => null,
        };
        return manifests.Recover(source?.ServerName ?? name, target, secret: null);
    }

    // The name of the backup in the object store.
    private async Task<string> BackupIdAsync(ClusterId id, string cluster, CancellationToken cancel) =>
        await api.FindAsync(KubernetesKind.Backup, id.Namespace, id.Name, cancel) is { } backup
        && backup["spec"]?["cluster"]?["name"]?.GetValue<string>() == cluster
        && Status(backup, "backupId") is { } stored
            ? stored
            : throw new ExternalSystemException(ExternalFailure.NotFound, $"There is no Backup {id} of the Cluster {cluster}.");

    private async Task<JsonObject> WaitAsync(ClusterId id, CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            var backup =
                await api.FindAsync(KubernetesKind.Backup, id.Namespace, id.Name, cancel)
                ?? throw new ExternalSystemException(ExternalFailure.NotFound, $"The Backup {id} was deleted by someone else.");
            var phase = Status(backup, "phase");
            if (phase == Completed)
            {
                return backup;
            }

            if (FailedPhases.Contains(phase, StringComparer.Ordinal))
            {
                throw new ExternalSystemException(ExternalFailure.Unknown, $"The Backup {id} is {phase}: {Status(backup, "error")}");
            }

            if (time.GetElapsedTime(start) >= options.BackupTimeout)
            {
                throw new ExternalSystemException(
                    ExternalFailure.Unavailable,
                    $"The Backup {id} is {phase ?? "pending"} after {options.BackupTimeout.TotalSeconds:F0} s."
                );
            }

            await Task.Delay(options.PollInterval, time, cancel);
        }
    }

    public static DatabaseBackup ToBackup(JsonObject backup)
    {
        var started = Time(backup, "startedAt");
        return new DatabaseBackup(backup["metadata"]!["name"]!.GetValue<string>(), started, Time(backup, "stoppedAt"), null);
    }

    private static DateTimeOffset Time(JsonObject backup, string name) =>
        DateTimeOffset.TryParse(Status(backup, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : DateTimeOffset.Parse(
                backup["metadata"]!["creationTimestamp"]!.GetValue<string>(),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal
            );

    public static bool IsCompleted(JsonObject backup) => Status(backup, "phase") == Completed;

    /// <summary>The name under which the backup is stored, which changes when a cluster is made again; null when it is not told.</summary>
    public static string? ServerNameOf(JsonObject backup) => Status(backup, "serverName");

    private static string? Status(JsonObject backup, string name) => backup["status"]?[name]?.GetValue<string>();
}
