using System.Globalization;
using System.Text.Json.Nodes;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>The stand-in operator's work for one Cluster.</summary>
internal sealed class CnpgCluster : IAsyncDisposable
{
    private const string Hibernation = "cnpg.io/hibernation";
    private const string RestartedAt = "kubectl.kubernetes.io/restartedAt";

    private readonly k8s.Kubernetes client;
    private readonly CnpgObjects objects;
    private readonly TestCertificate certificate;
    private readonly Func<string, CnpgArchive> archives;
    private readonly CnpgParts parts;
    private readonly CnpgRoles roles;
    private readonly HashSet<string> made = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim backingUp = new(1);
    private string? status;
    private string? restartedAt;
    private (DateTimeOffset First, DateTimeOffset Last)? backups;

    public CnpgCluster(
        k8s.Kubernetes client,
        CnpgObjects objects,
        JsonObject json,
        CnpgInstance instance,
        TestCertificate certificate,
        Func<string, CnpgArchive> archives
    )
    {
        this.client = client;
        this.objects = objects;
        Uid = CnpgObjects.Uid(json);
        Namespace = CnpgObjects.Namespace(json);
        Name = CnpgObjects.Name(json);
        parts = new CnpgParts(client, Namespace, Name);
        this.certificate = certificate;
        this.archives = archives;
        Instance = instance;
        roles = new CnpgRoles(Instance, parts.ReadPasswordAsync);
    }

    public CnpgInstance Instance { get; }

    public string Uid { get; }

    private string Namespace { get; }

    private string Name { get; }

    /// <returns>Whether nothing is left to do.</returns>
    public async Task<bool> ReconcileAsync(JsonObject json, CnpgFault fault)
    {
        if (CnpgObjects.Annotation(json, Hibernation) == "on")
        {
            await HibernateAsync(json);
            return true;
        }

        var spec = json["spec"]!.AsObject();
        if (!Instance.IsRunning)
        {
            await StartAsync(json, spec);
        }

        if (CnpgObjects.Annotation(json, RestartedAt) is { } at && at != restartedAt)
        {
            await RestartAsync(json, spec, at);
        }

        await Instance.ReloadAsync(spec);
        await EnsureAsync("ca", () => parts.WriteSecretAsync($"{Name}-ca", "Opaque", new() { ["ca.crt"] = certificate.CaPem }));
        await EnsureServicesAsync(spec);
        await EnsureAsync("pod", () => parts.CreatePodAsync(restartedAt));
        if (!fault.WithholdsSecret)
        {
            if (AppSecret(spec) == $"{Name}-app")
            {
                await EnsureAsync("app", parts.WriteAppSecretAsync);
            }

            await roles.SetPasswordAsync("app", AppSecret(spec));
        }

        var managed = await roles.ApplyAsync(spec);
        await SetStatusAsync(json, Healthy(spec, managed));
        return managed["cannotReconcile"]!.AsObject().All(r => r.Value is null);
    }

    /// <summary>Archives what is written so far, as the operator does every five minutes.</summary>
    public async Task ArchiveAsync()
    {
        var cluster = await objects.FindAsync("clusters", Namespace, Name);
        await Instance.ArchiveAsync(ArchiveOf(cluster!["spec"]!.AsObject())!);
    }

    /// <summary>Makes a backup; one at a time, as the operator does.</summary>
    public async Task BackUpAsync(JsonObject backup)
    {
        await backingUp.WaitAsync();
        try
        {
            await BackUpAloneAsync(backup);
        }
        finally
        {
            backingUp.Release();
        }
    }

    public async Task RemoveAsync()
    {
        // Its Pods end in order, so that all WAL is archived.
        await Instance.StopAsync();
        await Instance.RemoveAsync();
        await parts.RemoveAsync();
    }

    public ValueTask DisposeAsync()
    {
        backingUp.Dispose();
        return Instance.DisposeAsync();
    }

    private async Task BackUpAloneAsync(JsonObject backup)
    {
        var cluster = await objects.FindAsync("clusters", Namespace, Name);
        if (!Instance.IsRunning || ArchiveOf(cluster!["spec"]!.AsObject()) is not { } archive)
        {
            return;
        }

        await objects.SetStatusAsync("backups", backup, new JsonObject { ["phase"] = "running" });
        var (id, start, end) = await Instance.BackUpAsync(archive);
        backups = (backups?.First ?? end, end);
        await objects.SetStatusAsync(
            "backups",
            backup,
            new JsonObject
            {
                ["phase"] = "completed",
                ["backupId"] = id,
                ["startedAt"] = Text(start),
                ["stoppedAt"] = Text(end),
            }
        );
    }

    private async Task StartAsync(JsonObject json, JsonObject spec)
    {
        await SetStatusAsync(json, new JsonObject { ["phase"] = "Setting up primary", ["phaseReason"] = "Creating primary instance" });
        var archive = ArchiveOf(spec);
        if (spec["bootstrap"]?["recovery"] is JsonObject recovery && made.Add("recovered"))
        {
            var source = spec["externalClusters"]!
                .AsArray()
                .Single(c => c!["name"]!.GetValue<string>() == recovery["source"]!.GetValue<string>());
            var serverName = (source!["barmanObjectStore"]?["serverName"] ?? source["plugin"]?["parameters"]?["serverName"])!;
            await Instance.RecoverAsync(archives(serverName.GetValue<string>()), recovery["recoveryTarget"]);
        }

        await Instance.StartAsync(spec, archive);
        restartedAt = CnpgObjects.Annotation(json, RestartedAt);
    }

    private async Task HibernateAsync(JsonObject json)
    {
        await Instance.StopAsync();
        if (made.Remove("pod"))
        {
            await parts.DeletePodAsync();
        }

        var hibernated = new JsonObject
        {
            ["phase"] = "Cluster in healthy state",
            ["phaseReason"] = null,
            ["readyInstances"] = 0,
            ["conditions"] = new JsonArray(Condition("Ready", "False", "ClusterIsNotReady"), Condition(Hibernation, "True", "Hibernated")),
        };
        await SetStatusAsync(json, hibernated);
    }

    private async Task RestartAsync(JsonObject json, JsonObject spec, string at)
    {
        await SetStatusAsync(
            json,
            new JsonObject { ["phase"] = "Primary instance is being restarted in-place", ["phaseReason"] = "Requested by the user" }
        );
        await Instance.StopAsync();
        await Instance.StartAsync(spec, ArchiveOf(spec));
        restartedAt = at;
        if (made.Remove("pod"))
        {
            await parts.DeletePodAsync();
        }
    }

    private async Task EnsureServicesAsync(JsonObject spec)
    {
        await EnsureAsync("rw", () => CnpgServices.CreateAsync(client, parts.Metadata($"{Name}-rw"), "ClusterIP", Instance.Port));
        foreach (var template in (spec["managed"]?["services"]?["additional"] as JsonArray ?? []).Select(s => s!["serviceTemplate"]!))
        {
            var metadata = parts.Metadata(template["metadata"]!["name"]!.GetValue<string>());
            CnpgServices.AddLabels(metadata, template["metadata"]!["labels"]);
            await EnsureAsync(
                metadata.Name,
                () => CnpgServices.CreateAsync(client, metadata, template["spec"]!["type"]!.GetValue<string>(), Instance.Port)
            );
        }
    }

    private async Task EnsureAsync(string what, Func<Task> create)
    {
        if (!made.Contains(what))
        {
            await create();
            made.Add(what);
        }
    }

    private JsonObject Healthy(JsonObject spec, JsonObject managed)
    {
        var instances = spec["instances"]!.GetValue<int>();
        var conditions = new JsonArray(Condition("Ready", "True", "ClusterIsReady"));
        if (ArchiveOf(spec) is not null)
        {
            conditions.Add((JsonNode)Condition("ContinuousArchiving", "True", "ContinuousArchivingSuccess"));
        }

        var healthy = new JsonObject
        {
            ["phase"] = "Cluster in healthy state",
            ["phaseReason"] = null,
            ["instances"] = instances,
            ["readyInstances"] = instances,
            ["currentPrimary"] = $"{Name}-1",
            ["writeService"] = $"{Name}-rw",
            ["image"] = spec["imageName"]?.GetValue<string>() ?? "stand-in",
            ["conditions"] = conditions,
            ["managedRolesStatus"] = managed,
        };
        if (backups is { } known)
        {
            healthy["firstRecoverabilityPoint"] = Text(known.First);
            healthy["lastSuccessfulBackup"] = Text(known.Last);
        }

        return healthy;
    }

    private async Task SetStatusAsync(JsonObject json, JsonObject wanted)
    {
        // A merge patch would keep entries that are gone.
        foreach (var field in new[] { "cannotReconcile", "passwordStatus" })
        {
            var present = json["status"]?["managedRolesStatus"]?[field] as JsonObject ?? [];
            if (wanted["managedRolesStatus"]?[field] is JsonObject next)
            {
                foreach (var (role, _) in present.Where(p => !next.ContainsKey(p.Key)).ToList())
                {
                    next[role] = null;
                }
            }
        }

        var text = wanted.ToJsonString();
        if (text != status || json["status"]?["phase"]?.GetValue<string>() != wanted["phase"]!.GetValue<string>())
        {
            await objects.SetStatusAsync("clusters", json, wanted);
            status = text;
        }
    }

    private CnpgArchive? ArchiveOf(JsonObject spec) =>
        (spec["backup"]?["barmanObjectStore"]?["serverName"] ?? (spec["plugins"] as JsonArray)?[0]?["parameters"]?["serverName"])
            is { } serverName
            ? archives(serverName.GetValue<string>())
            : null;

    private string AppSecret(JsonObject spec) => spec["bootstrap"]?["recovery"]?["secret"]?["name"]?.GetValue<string>() ?? $"{Name}-app";

    private static JsonObject Condition(string type, string value, string reason) =>
        new()
        {
            ["type"] = type,
            ["status"] = value,
            ["reason"] = reason,
            ["message"] = reason,
            ["lastTransitionTime"] = "2026-01-01T00:00:00Z",
        };

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
