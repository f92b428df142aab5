using System.Globalization;
using System.Text.Json.Nodes;
using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Reads a Cluster object.</summary>
internal sealed class ClusterView(JsonObject json)
{
    private const string True = "True";

    // The phases in which the operator waits for a person, from CloudNativePG's documentation of the status.
    private static readonly string[] InvalidPhases =
    [
        "Invalid cluster definition",
        "Cluster has incomplete or invalid image catalog",
        "Cluster cannot execute instance online upgrade due to missing architecture binary",
        "Cluster cannot proceed to reconciliation due to an unknown plugin being required",
    ];

    private static readonly string[] FailedPhases =
    [
        "Cluster is unrecoverable and needs manual intervention",
        "Unable to create required cluster objects",
        "Cluster cannot proceed to reconciliation due to an error while interacting with plugins",
    ];

    public JsonObject Json => json;

    public ClusterId Id => new(Text("metadata", "namespace") ?? "", Text("metadata", "name") ?? "");

    public string Uid => Text("metadata", "uid") ?? "";

    public DateTimeOffset CreatedAt => Time("metadata", "creationTimestamp") ?? default;

    public string? Key => Label(CnpgNames.KeyLabel);

    public string? ExternalName => Annotation(CnpgNames.NameAnnotation);

    public string? FreezeReason => Annotation(CnpgNames.ReasonAnnotation);

    /// <summary>The name of the pooler that it should have.</summary>
    public string? Pooler => Annotation(CnpgNames.PoolerAnnotation) is { Length: > 0 } name ? name : null;

    /// <summary>The name of the ScheduledBackup that it should have.</summary>
    public string? Schedule => Annotation(CnpgNames.ScheduleAnnotation) is { Length: > 0 } name ? name : null;

    /// <summary>Whether it tells what Wombat applied last.</summary>
    public bool IsApplied => Annotation(CnpgNames.AppliedAnnotation) is not null;

    public bool IsInTrash => Label(CnpgNames.TrashLabel) is not null;

    /// <summary>Whether it was restored and only Wombat can use it yet.</summary>
    public bool IsClosed =>
        (json["spec"]?["postgresql"]?["pg_hba"] as JsonArray ?? []).Any(r => r?.GetValue<string>() == CnpgNames.ClosedRule);

    public bool IsBeingDeleted => Text("metadata", "deletionTimestamp") is not null;

    public string Phase => Text("status", "phase") ?? "Not yet seen by the operator";

    /// <summary>The phase in the operator's words, with its reason.</summary>
    public string PhaseText => Text("status", "phaseReason") is { Length: > 0 } reason && reason != Phase ? $"{Phase}: {reason}" : Phase;

    public bool IsInvalid => InvalidPhases.Contains(Phase, StringComparer.Ordinal);

    public bool HasFailed => IsInvalid || FailedPhases.Contains(Phase, StringComparer.Ordinal);

    public bool IsReady => IsTrue("Ready") && ReadyInstances > 0;

    public int Instances => Number("spec", "instances");

    public int ReadyInstances => Number("status", "readyInstances");

    public bool ShouldHibernate => Annotation(CnpgNames.HibernationAnnotation) == "on";

    public bool IsHibernated => IsTrue(CnpgNames.HibernationAnnotation);

    public string? Image => Text("status", "image");

    /// <summary>The size of its volumes; null when it is in another unit.</summary>
    public int? StorageMib => Text("spec", "storage", "size") is { } size ? Quantity.Mebibytes(size) : null;

    /// <summary>How its data were created.</summary>
    public ClusterBootstrap? Bootstrap =>
        json["spec"]?["bootstrap"]?.DeepClone() is JsonObject bootstrap
            ? new ClusterBootstrap(bootstrap, (json["spec"]?["externalClusters"] as JsonArray)?.FirstOrDefault()?.DeepClone() as JsonObject)
            : null;

    /// <summary>The Secret with the credentials of the database's own user.</summary>
    public string AppSecret =>
        (Text("spec", "bootstrap", "recovery", "secret", "name") ?? Text("spec", "bootstrap", "initdb", "secret", "name"))
        ?? $"{Id.Name}-app";

    /// <summary>The name under which its backups are stored.</summary>
    public string? ServerName =>
        Text("spec", "backup", "barmanObjectStore", "serverName")
        ?? (json["spec"]?["plugins"] as JsonArray)?.FirstOrDefault()?["parameters"]?["serverName"]?.GetValue<string>();

    public DateTimeOffset? FirstRecoverabilityPoint => Time("status", "firstRecoverabilityPoint");

    public DateTimeOffset? LastSuccessfulBackup => Time("status", "lastSuccessfulBackup");

    /// <summary>The managed roles of its spec, as they are there.</summary>
    public IReadOnlyList<JsonObject> Roles => [.. (json["spec"]?["managed"]?["roles"] as JsonArray ?? []).OfType<JsonObject>()];

    /// <summary>When its users end, by name.</summary>
    public JsonObject Expiries => JsonNode.Parse(Annotation(CnpgNames.ExpiriesAnnotation) ?? "{}")!.AsObject();

    public bool IsTrue(string condition) => Condition(condition)?["status"]?.GetValue<string>() == True;

    /// <summary>What a condition that is false says; null when it is true or unknown.</summary>
    public string? Complaint(string condition) =>
        Condition(condition) is { } found && found["status"]?.GetValue<string>() == "False"
            ? found["message"]?.GetValue<string>() ?? condition
            : null;

    /// <exception cref="ExternalSystemException">Unavailable: it is being deleted.</exception>
    public void EnsureIsNotBeingDeleted()
    {
        if (IsBeingDeleted)
        {
            throw new ExternalSystemException(ExternalFailure.Unavailable, $"The Cluster {Id} is still being deleted.");
        }
    }

    /// <summary>Whether the operator has applied a role.</summary>
    public bool HasRole(string role) =>
        (json["status"]?["managedRolesStatus"]?["byStatus"]?["reconciled"] as JsonArray ?? []).Any(r => r?.GetValue<string>() == role);

    /// <summary>The version of the Secret with which the operator set the password of a role.</summary>
    public string? PasswordVersion(string role) =>
        json["status"]?["managedRolesStatus"]?["passwordStatus"]?[role]?["resourceVersion"]?.GetValue<string>();

    /// <summary>Why the operator cannot apply a role.</summary>
    public string? RoleError(string role) =>
        json["status"]?["managedRolesStatus"]?["cannotReconcile"]?[role] is JsonArray { Count: > 0 } errors
            ? string.Join("; ", errors.Select(e => e?.GetValue<string>()))
            : null;

    private JsonNode? Condition(string type) =>
        (json["status"]?["conditions"] as JsonArray ?? []).FirstOrDefault(c => c?["type"]?.GetValue<string>() == type);

    private string? Label(string name) => json["metadata"]?["labels"]?[name]?.GetValue<string>();

    public string? Annotation(string name) => json["metadata"]?["annotations"]?[name]?.GetValue<string>();

    private JsonNode? At(string[] path) => path.Aggregate((JsonNode?)json, (node, name) => node?[name]);

    private string? Text(params string[] path) => At(path)?.GetValue<string>();

    private int Number(params string[] path) => At(path)?.GetValue<int>() ?? 0;

    private DateTimeOffset? Time(params string[] path) =>
        DateTimeOffset.TryParse(Text(path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
