using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>The names and labels by which the plugin finds its objects.</summary>
internal static class CnpgNames
{
    /// <summary>The field manager of everything but the roles.</summary>
    public const string Manager = "wombat";

    /// <summary>The field manager of a cluster's managed roles, so that other changes leave them as they are.</summary>
    public const string RoleManager = "wombat-roles";

    public const string KeyLabel = "wombat/key";
    public const string TrashLabel = "wombat/trash";
    public const string NameAnnotation = "wombat/name";
    public const string TierAnnotation = "wombat/tier";
    public const string OwnerAnnotation = "wombat/owner";
    public const string PurposeAnnotation = "wombat/purpose";
    public const string ReasonAnnotation = "wombat/freeze-reason";
    public const string PoolerAnnotation = "wombat/pooler";

    /// <summary>The name of the ScheduledBackup that it should have; empty for none.</summary>
    public const string ScheduleAnnotation = "wombat/schedule";

    /// <summary>The spec that Wombat applied last, as JSON, by which changes of others are found.</summary>
    public const string AppliedAnnotation = "wombat/applied";

    /// <summary>On the NetworkPolicy and on Backups: the name under which the backups of the Cluster are stored.</summary>
    public const string ServerNameAnnotation = "wombat/server-name";

    /// <summary>On the Backup that was made before a Cluster was replaced by a restored one.</summary>
    public const string ReplacedAnnotation = "wombat/replaced";

    /// <summary>The state of the last restore in place, as JSON.</summary>
    public const string RestoreAnnotation = "wombat/restore";
    public const string UserAnnotation = "wombat/user";
    public const string RolesAnnotation = "wombat/roles";

    /// <summary>When users end, by name, as JSON. The operator keeps whole seconds only.</summary>
    public const string ExpiriesAnnotation = "wombat/expiries";
    public const string HibernationAnnotation = "cnpg.io/hibernation";
    public const string RestartAnnotation = "kubectl.kubernetes.io/restartedAt";

    /// <summary>CloudNativePG applies the password of a Secret with this label at once.</summary>
    public const string ReloadLabel = "cnpg.io/reload";
    public const string ClusterLabel = "cnpg.io/cluster";

    /// <summary>The rule of pg_hba by which a restored Cluster refuses its users.</summary>
    public const string ClosedRule = "hostssl all all all reject";
    public const string Database = "app";
    public const string Owner = "app";
    public const int Port = 5432;

    // CloudNativePG refuses longer names of clusters, and appends to them in labels and host names.
    private const int ClusterNameMax = 50;
    private const int HashLength = 8;

    public static string Cluster(string externalName)
    {
        var safe = new StringBuilder("wombat-");
        foreach (var character in externalName)
        {
            safe.Append(char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) ? character : '-');
        }

        var name = safe.ToString().TrimEnd('-');
        return name.Length <= ClusterNameMax && name == $"wombat-{externalName}"
            ? name
            : $"{name[..Math.Min(name.Length, ClusterNameMax - HashLength - 1)].TrimEnd('-')}-{Hash(externalName)}";
    }

    public static string Pooler(string cluster) => $"{cluster}-pooler";

    public static string ScheduledBackup(string cluster) => $"{cluster}-backup";

    public static string NetworkPolicy(string cluster) => cluster;

    public static string LoadBalancer(string cluster) => $"{cluster}-lb";

    public static string ReadWriteService(string cluster) => $"{cluster}-rw";

    public static string CaSecret(string cluster) => $"{cluster}-ca";

    /// <summary>The Secret that keeps the password of the database's own user when the cluster is archived or replaced.</summary>
    public static string ArchivedSecret(string cluster) => $"{cluster}-archived";

    /// <summary>The Secret of a user. The names of users may contain what names of objects may not.</summary>
    public static string UserSecret(string cluster, string user) => $"{cluster}-user-{Hash(user)}";

    public static string Backup(string cluster, DateTimeOffset now) =>
        $"{cluster}-{now.UtcDateTime.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture)}";

    /// <summary>
    /// The sslmode for clients. The certificate of the server names its Services, not the address of a load balancer.
    /// </summary>
    public static string SslModeOf(string host) => host.EndsWith(".svc", StringComparison.Ordinal) ? "verify-full" : "verify-ca";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashLength];
}
