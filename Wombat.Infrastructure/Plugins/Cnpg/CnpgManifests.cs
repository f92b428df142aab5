using System.Globalization;
using System.Text.Json.Nodes;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>The objects of a database as the tier promises them.</summary>
internal sealed class CnpgManifests(CnpgOptions options)
{
    private const string Source = "origin";

    // The operator, its exporters and superusers connect beside the clients.
    public const int ReservedConnections = 20;
    private const int TransactionPoolMax = 25;

    public ClusterId IdOf(ProvisionRequest<DatabaseSpec> request) =>
        request.Resource.ExternalId is { } known && ClusterId.TryParse(known) is { } id
            ? id
            : new ClusterId(options.NamespaceOf(request.Spec.Project), CnpgNames.Cluster(request.Resource.ExternalName));

    /// <summary>Whether the operator makes backups by the tier's schedule.</summary>
    public bool HasSchedule(TierSpec tier) => tier.BackupSchedule is not null && options.ObjectStore is not null;

    /// <param name="bootstrap">How the data are created, from <see cref="Initialize"/> or <see cref="Recover"/>.</param>
    /// <param name="serverName">The name under which its backups are stored.</param>
    /// <param name="isClosed">Whether nobody but the database's own user can connect.</param>
    public JsonObject Cluster(
        ProvisionRequest<DatabaseSpec> request,
        ClusterId id,
        ClusterBootstrap bootstrap,
        string serverName,
        bool isClosed = false
    )
    {
        var tier = request.Spec.Settings;
        var spec = new JsonObject
        {
            ["instances"] = tier.Instances,
            ["enableSuperuserAccess"] = false,
            ["storage"] = Storage(tier),
            ["resources"] = Resources(tier),
            ["postgresql"] = PostgreSql(tier, isClosed),
            ["bootstrap"] = bootstrap.Bootstrap,
            ["inheritedMetadata"] = new JsonObject { ["labels"] = Labels(request.Resource) },
            ["certificates"] = new JsonObject { ["serverAltDNSNames"] = new JsonArray([.. ExtraHosts(id).Select(h => (JsonNode)h)]) },
        };
        if (bootstrap.Source is { } source)
        {
            spec["externalClusters"] = new JsonArray(source);
        }

        if (tier.PostgresVersion is { } version && options.Images.TryGetValue(version, out var image))
        {
            spec["imageName"] = image;
        }

        if (tier.BackupSchedule is not null)
        {
            options.ObjectStore?.AddTo(spec, serverName, tier.BackupRetentionDays);
        }

        if (options.UsesLoadBalancer && tier.PoolerInstances == 0)
        {
            spec["managed"] = new JsonObject { ["services"] = LoadBalancer(request.Resource, id) };
        }

        return Manifest(id, id.Name, request, spec);
    }

    public JsonObject Pooler(ProvisionRequest<DatabaseSpec> request, ClusterId id)
    {
        var tier = request.Spec.Settings;
        var spec = new JsonObject
        {
            ["cluster"] = new JsonObject { ["name"] = id.Name },
            ["instances"] = tier.PoolerInstances,
            ["type"] = "rw",
            ["pgbouncer"] = new JsonObject
            {
                ["poolMode"] = tier.PoolMode == PoolMode.Transaction ? "transaction" : "session",
                ["parameters"] = new JsonObject
                {
                    ["max_client_conn"] = Text(tier.MaxConnections),
                    ["default_pool_size"] = Text(PoolSize(tier)),
                    ["client_tls_sslmode"] = "require",
                },
            },
            ["serviceTemplate"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = Labels(request.Resource) },
                ["spec"] = new JsonObject { ["type"] = options.UsesLoadBalancer ? "LoadBalancer" : "ClusterIP" },
            },
        };
        return Manifest(id, CnpgNames.Pooler(id.Name), request, spec);
    }

    public JsonObject ScheduledBackup(ProvisionRequest<DatabaseSpec> request, ClusterId id)
    {
        var spec = new JsonObject
        {
            // The operator's expressions begin with the seconds.
            ["schedule"] = $"0 {request.Spec.Settings.BackupSchedule}",
            ["immediate"] = true,
            ["backupOwnerReference"] = "none",
            ["cluster"] = new JsonObject { ["name"] = id.Name },
        };
        options.ObjectStore!.AddMethodTo(spec);
        return Manifest(id, CnpgNames.ScheduledBackup(id.Name), request, spec);
    }

    public JsonObject Backup(ProvisionRequest<DatabaseSpec> request, ClusterId id, string name)
    {
        var spec = new JsonObject { ["cluster"] = new JsonObject { ["name"] = id.Name } };
        options.ObjectStore!.AddMethodTo(spec);
        var manifest = Manifest(id, name, request, spec);
        manifest["metadata"]!["labels"]![CnpgNames.ClusterLabel] = id.Name;
        return manifest;
    }

    /// <summary>Nobody connects to its Pods but the clients of the project, the Pods themselves and the operator.</summary>
    public JsonObject NetworkPolicy(ProvisionRequest<DatabaseSpec> request, ClusterId id)
    {
        var (label, value) = options.ClientLabelOf(request.Spec.Project);
        var own = new JsonObject { [CnpgNames.ClusterLabel] = id.Name };
        var clients = new JsonArray(Peer("namespaceSelector", new JsonObject { [label] = value }), Peer("podSelector", own.DeepClone()));
        foreach (var network in options.ClientNetworks)
        {
            clients.Add((JsonNode)new JsonObject { ["ipBlock"] = new JsonObject { ["cidr"] = network } });
        }

        var system = new JsonArray(
            Peer("podSelector", own.DeepClone()),
            Peer("namespaceSelector", new JsonObject { ["kubernetes.io/metadata.name"] = options.OperatorNamespace })
        );
        var spec = new JsonObject
        {
            ["podSelector"] = new JsonObject { ["matchLabels"] = own },
            ["policyTypes"] = new JsonArray("Ingress"),
            ["ingress"] = new JsonArray(
                new JsonObject { ["from"] = clients, ["ports"] = Ports(CnpgNames.Port) },
                new JsonObject { ["from"] = system, ["ports"] = Ports(CnpgNames.Port, 8000) }
            ),
        };
        return Manifest(id, CnpgNames.NetworkPolicy(id.Name), request, spec);
    }

    /// <summary>An empty database.</summary>
    public static ClusterBootstrap Initialize() =>
        new(
            new JsonObject
            {
                ["initdb"] = new JsonObject
                {
                    ["database"] = CnpgNames.Database,
                    ["owner"] = CnpgNames.Owner,
                    ["encoding"] = "UTF8",
                    ["dataChecksums"] = true,
                },
            },
            null
        );

    /// <summary>A database from the backups under a server name.</summary>
    /// <param name="target">The recoveryTarget; null for all that was archived.</param>
    /// <param name="secret">The Secret with the credentials of the database's own user; null to have new ones.</param>
    public ClusterBootstrap Recover(string serverName, JsonObject? target, string? secret)
    {
        var recovery = new JsonObject
        {
            ["source"] = Source,
            ["database"] = CnpgNames.Database,
            ["owner"] = CnpgNames.Owner,
        };
        if (target is not null)
        {
            recovery["recoveryTarget"] = target;
        }

        if (secret is not null)
        {
            recovery["secret"] = new JsonObject { ["name"] = secret };
        }

        return new ClusterBootstrap(new JsonObject { ["recovery"] = recovery }, options.ObjectStore!.Source(Source, serverName));
    }

    public static JsonObject Labels(ResourceRef resource) =>
        new() { ["app.kubernetes.io/managed-by"] = CnpgNames.Manager, [CnpgNames.KeyLabel] = resource.ExternalKey };

    public static string Selector(string key) => $"{CnpgNames.KeyLabel}={key}";

    private JsonObject Manifest(ClusterId id, string name, ProvisionRequest<DatabaseSpec> request, JsonObject spec)
    {
        var manifest = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["namespace"] = id.Namespace,
                ["name"] = name,
                ["labels"] = Labels(request.Resource),
                ["annotations"] = Annotations(request, id.Name),
            },
            ["spec"] = spec,
        };
        AppliedSpec.AddTo(manifest);
        return manifest;
    }

    private JsonObject Annotations(ProvisionRequest<DatabaseSpec> request, string cluster) =>
        new()
        {
            [CnpgNames.NameAnnotation] = request.Resource.ExternalName,
            [CnpgNames.TierAnnotation] = request.Spec.Tier,
            [CnpgNames.OwnerAnnotation] = request.Spec.Owner ?? "",
            [CnpgNames.PurposeAnnotation] = request.Spec.Purpose ?? "",
            [CnpgNames.PoolerAnnotation] = request.Spec.Settings.PoolerInstances > 0 ? CnpgNames.Pooler(cluster) : "",
            [CnpgNames.ScheduleAnnotation] = HasSchedule(request.Spec.Settings) ? CnpgNames.ScheduledBackup(cluster) : "",
        };

    private static JsonObject Storage(TierSpec tier)
    {
        var storage = new JsonObject { ["size"] = Quantity.OfMebibytes(tier.StorageMib) };
        if (tier.StorageClass is not null)
        {
            storage["storageClass"] = tier.StorageClass;
        }

        return storage;
    }

    private static JsonObject Resources(TierSpec tier)
    {
        JsonObject Amounts() => new() { ["cpu"] = $"{Text(tier.CpuMillis)}m", ["memory"] = $"{Text(tier.MemoryMib)}Mi" };
        return new JsonObject { ["requests"] = Amounts(), ["limits"] = Amounts() };
    }

    private static JsonObject PostgreSql(TierSpec tier, bool isClosed)
    {
        var parameters = new JsonObject();
        foreach (var (name, value) in tier.Settings)
        {
            parameters[name] = value;
        }

        parameters["max_connections"] = Text(tier.MaxConnections + ReservedConnections);
        parameters["pgaudit.log"] = "ddl, role";

        // The last commit tells until when a restore is possible.
        parameters["track_commit_timestamp"] = "on";
        var rules = new JsonArray("hostnossl all all all reject");
        if (isClosed)
        {
            rules.Add((JsonNode)$"hostssl {CnpgNames.Database} {CnpgNames.Owner} all scram-sha-256");
            rules.Add((JsonNode)CnpgNames.ClosedRule);
        }

        return new JsonObject { ["parameters"] = parameters, ["pg_hba"] = rules };
    }

    // In session mode every client keeps a connection of the server.
    private static int PoolSize(TierSpec tier)
    {
        var all = tier.PoolMode == PoolMode.Session ? tier.MaxConnections : Math.Min(tier.MaxConnections, TransactionPoolMax);
        return Math.Max(1, (all + tier.PoolerInstances - 1) / tier.PoolerInstances);
    }

    private static IEnumerable<string> ExtraHosts(ClusterId id)
    {
        var pooler = CnpgNames.Pooler(id.Name);
        return [pooler, $"{pooler}.{id.Namespace}", $"{pooler}.{id.Namespace}.svc"];
    }

    private static JsonObject LoadBalancer(ResourceRef resource, ClusterId id)
    {
        var template = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = CnpgNames.LoadBalancer(id.Name), ["labels"] = Labels(resource) },
            ["spec"] = new JsonObject { ["type"] = "LoadBalancer" },
        };
        return new JsonObject
        {
            ["additional"] = new JsonArray(new JsonObject { ["selectorType"] = "rw", ["serviceTemplate"] = template }),
        };
    }

    private static JsonObject Peer(string selector, JsonNode labels) => new() { [selector] = new JsonObject { ["matchLabels"] = labels } };

    private static JsonArray Ports(params int[] ports) =>
        new([.. ports.Select(p => (JsonNode)new JsonObject { ["protocol"] = "TCP", ["port"] = p })]);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
