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
        var all = (await AllAsync(cluster.Id, cancel)).Where(IsCompleted).OrderByDescending(b => ToBackup(b).EndedAt).ToList();
        var backups = all.ConvertAll(ToBackup);

        // Those of data that a restore has replaced can be restored themselves, but no time after them.
        var present = all.Where(b => ServerNameOf(b) is not { } stored || stored == cluster.ServerName).Select(ToBackup).ToList();
        if (present.Count == 0 && cluster.FirstRecoverabilityPoint is null)
        {
            return new DatabaseBackups(backups, null, null);
        }

        var last = present.Count > 0 ? present[0].EndedAt : cluster.LastSuccessfulBackup ?? cluster.FirstRecoverabilityPoint!.Value;
        var archived = (asksDatabase ? await ArchivedAsync(cluster, cancel) : null) ?? last;
        return new DatabaseBackups(backups, cluster.FirstRecoverabilityPoint ?? present[^1].EndedAt, archived > last ? archived : last);
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
    /// <param name="isReplaced">Whether the Cluster is about to be replaced by a restored one.</param>
    public async Task<DatabaseBackup> MakeAsync(
        ProvisionRequest<DatabaseSpec> request,
        ClusterView cluster,
        IPluginLog log,
        CancellationToken cancel,
        string? name = null,
        bool isReplaced = false
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
        var manifest = manifests.Backup(request, cluster.Id, name);
        var annotations = manifest["metadata"]!["annotations"]!;
        annotations[CnpgNames.ServerNameAnnotation] = cluster.ServerName;
        if (isReplaced)
        {
            annotations[CnpgNames.ReplacedAnnotation] = "true";
        }

        await api.ApplyAsync(KubernetesKind.Backup, manifest, cancel);
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
        var id = source?.Id ?? manifests.IdOf(request) with { Name = CnpgNames.Cluster(origin.SourceName) };
        var point = await FindPointAsync(id, source?.ServerName, origin.TargetTime, origin.BackupId, cancel);
        return manifests.Recover(point.ServerName, point.Target, secret: null);
    }

    /// <summary>What a restore reads, and until when.</summary>
    /// <param name="serverName">The name under which the Cluster stores its backups; null when it is not known.</param>
    /// <exception cref="ExternalSystemException">Not found: there is no such backup.</exception>
    public async Task<RecoveryPoint> FindPointAsync(
        ClusterId id,
        string? serverName,
        DateTimeOffset? time,
        string? backupId,
        CancellationToken cancel
    )
    {
        if (backupId is not { } name)
        {
            var at = time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
            return new RecoveryPoint(serverName ?? id.Name, at is null ? null : new JsonObject { ["targetTime"] = at });
        }

        if (
            await api.FindAsync(KubernetesKind.Backup, id.Namespace, name, cancel) is not { } backup
            || backup["spec"]?["cluster"]?["name"]?.GetValue<string>() != id.Name
            || Status(backup, "backupId") is not { } stored
        )
        {
            throw new ExternalSystemException(ExternalFailure.NotFound, $"There is no Backup {name} of the Cluster {id}.");
        }

        // What followed the last backup of data that were replaced until their end belongs to it.
        var storedUnder = ServerNameOf(backup) ?? serverName ?? id.Name;
        return
            serverName is not null
            && storedUnder != serverName
            && new ClusterView(backup).Annotation(CnpgNames.ReplacedAnnotation) is not null
            && await IsNewestAsync(backup, id, storedUnder, cancel)
            ? new RecoveryPoint(storedUnder, null)
            : new RecoveryPoint(storedUnder, new JsonObject { ["backupID"] = stored, ["targetImmediate"] = true });
    }

    // An attempt that did not replace the data leaves a backup, too.
    private async Task<bool> IsNewestAsync(JsonObject backup, ClusterId id, string storedUnder, CancellationToken cancel) =>
        (await AllAsync(id, cancel))
            .Where(b => IsCompleted(b) && ServerNameOf(b) == storedUnder)
            .All(b => ToBackup(b).EndedAt <= ToBackup(backup).EndedAt);

    /// <summary>Notes at all backups under which name they are stored, before the Cluster is replaced by one with another name.</summary>
    public async Task NoteServerNameAsync(ClusterId id, string? serverName, CancellationToken cancel)
    {
        foreach (var backup in (await AllAsync(id, cancel)).Where(b => ServerNameOf(b) is null && serverName is not null))
        {
            var annotations = new JsonObject { [CnpgNames.ServerNameAnnotation] = serverName };
            await api.AnnotateAsync(KubernetesKind.Backup, new ClusterView(backup).Id, annotations, cancel);
        }
    }

    /// <summary>The newest complete backup, whatever name it is stored under; null when there is none.</summary>
    public async Task<JsonObject?> FindNewestAsync(ClusterId id, CancellationToken cancel) =>
        (await AllAsync(id, cancel)).Where(IsCompleted).MaxBy(b => ToBackup(b).EndedAt);

    /// <summary>Whether there is a complete backup under a server name.</summary>
    public async Task<bool> ExistsAsync(ClusterId id, string serverName, CancellationToken cancel) =>
        (await AllAsync(id, cancel)).Any(b => IsCompleted(b) && ServerNameOf(b) == serverName);

    private Task<IReadOnlyList<JsonObject>> AllAsync(ClusterId id, CancellationToken cancel) =>
        api.ListAsync(KubernetesKind.Backup, id.Namespace, $"{CnpgNames.ClusterLabel}={id.Name}", cancel);

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

    private static DatabaseBackup ToBackup(JsonObject backup)
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

    private static bool IsCompleted(JsonObject backup) => Status(backup, "phase") == Completed;

    /// <summary>The name under which the backup is stored, which changes when a cluster is made again; null when it is not told.</summary>
    public static string? ServerNameOf(JsonObject backup) =>
        Status(backup, "serverName") ?? new ClusterView(backup).Annotation(CnpgNames.ServerNameAnnotation);

    private static string? Status(JsonObject backup, string name) => backup["status"]?[name]?.GetValue<string>();
}
