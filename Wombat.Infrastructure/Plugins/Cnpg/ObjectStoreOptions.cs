using System.Text.Json.Nodes;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>
/// Where CloudNativePG stores backups and WAL: a destination that the operator writes to itself, or an ObjectStore of the Barman Cloud
/// plugin.
/// </summary>
public sealed record ObjectStoreOptions
{
    private const string PluginName = "barman-cloud.cloudnative-pg.io";

    /// <summary>A URL such as <c>s3://bucket/path</c>; null with <see cref="ObjectStore"/>.</summary>
    public string? Destination { get; init; }

    /// <summary>The URL of the S3 service; null for that of AWS.</summary>
    public string? Endpoint { get; init; }

    /// <summary>
    /// The Secret with ACCESS_KEY_ID and ACCESS_SECRET_KEY in the namespace of the database; null for the role of the Pods.
    /// </summary>
    public string? CredentialsSecret { get; init; }

    /// <summary>The name of an ObjectStore in the namespace of the database.</summary>
    public string? ObjectStore { get; init; }

    /// <summary>The method of Backup and ScheduledBackup.</summary>
    internal string Method => ObjectStore is null ? "barmanObjectStore" : "plugin";

    public static ObjectStoreOptions? Read(PluginSection section)
    {
        var options = new ObjectStoreOptions
        {
            Destination = section.Text("backup_destination"),
            Endpoint = section.Text("backup_endpoint"),
            CredentialsSecret = section.Text("backup_secret"),
            ObjectStore = section.Text("backup_object_store"),
        };
        return options switch
        {
            { Destination: null, ObjectStore: null } => null,
            { Destination: not null, ObjectStore: not null } => section.Report<ObjectStoreOptions?>(
                "backup_object_store",
                "cannot be combined with backup_destination",
                null
            ),
            _ => options,
        };
    }

    /// <summary>Adds to a cluster's spec that backups are written under a server name.</summary>
    internal void AddTo(JsonObject spec, string serverName, int retentionDays)
    {
        var backup = new JsonObject();
        if (ObjectStore is null)
        {
            backup["barmanObjectStore"] = Barman(serverName);
            backup["retentionPolicy"] = $"{Math.Max(1, retentionDays)}d";
            spec["backup"] = backup;
            return;
        }

        spec["plugins"] = new JsonArray(Plugin(serverName, archives: true));
    }

    /// <summary>The entry of <c>externalClusters</c> from which a restore reads.</summary>
    internal JsonObject Source(string name, string serverName)
    {
        var source = new JsonObject { ["name"] = name };
        source[ObjectStore is null ? "barmanObjectStore" : "plugin"] = ObjectStore is null
            ? Barman(serverName)
            : Plugin(serverName, archives: false);
        return source;
    }

    /// <summary>Adds the method to the spec of a Backup or a ScheduledBackup.</summary>
    internal void AddMethodTo(JsonObject spec)
    {
        spec["method"] = Method;
        if (ObjectStore is not null)
        {
            spec["pluginConfiguration"] = new JsonObject { ["name"] = PluginName };
        }
    }

    private JsonObject Plugin(string serverName, bool archives)
    {
        var plugin = new JsonObject
        {
            ["name"] = PluginName,
            ["parameters"] = new JsonObject { ["barmanObjectName"] = ObjectStore, ["serverName"] = serverName },
        };
        if (archives)
        {
            plugin["isWALArchiver"] = true;
        }

        return plugin;
    }

    private JsonObject Barman(string serverName)
    {
        var barman = new JsonObject { ["destinationPath"] = Destination, ["serverName"] = serverName };
        if (Endpoint is not null)
        {
            barman["endpointURL"] = Endpoint;
        }

        barman["s3Credentials"] = CredentialsSecret is null
            ? new JsonObject { ["inheritFromIAMRole"] = true }
            : new JsonObject { ["accessKeyId"] = Key("ACCESS_KEY_ID"), ["secretAccessKey"] = Key("ACCESS_SECRET_KEY") };
        return barman;
    }

    private JsonObject Key(string key) => new() { ["name"] = CredentialsSecret, ["key"] = key };
}
