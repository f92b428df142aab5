namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>A kind of object of an API group.</summary>
internal sealed record KubernetesKind(string Group, string Version, string Kind, string Plural)
{
    public static readonly KubernetesKind Cluster = new("postgresql.cnpg.io", "v1", "Cluster", "clusters");
    public static readonly KubernetesKind Pooler = new("postgresql.cnpg.io", "v1", "Pooler", "poolers");
    public static readonly KubernetesKind Backup = new("postgresql.cnpg.io", "v1", "Backup", "backups");
    public static readonly KubernetesKind ScheduledBackup = new("postgresql.cnpg.io", "v1", "ScheduledBackup", "scheduledbackups");
    public static readonly KubernetesKind NetworkPolicy = new("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies");

    /// <summary>Belongs to the core group, which has paths of its own. It is only read.</summary>
    public static readonly KubernetesKind Service = new("", "v1", "Service", "services");

    public string ApiVersion => $"{Group}/{Version}";
}
