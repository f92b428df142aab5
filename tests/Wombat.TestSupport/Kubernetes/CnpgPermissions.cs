using k8s.Models;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>The permissions that the README of the plugin asks for.</summary>
public static class CnpgPermissions
{
    public static V1PolicyRule[] Rules =>
        [
            Rule(
                "postgresql.cnpg.io",
                ["clusters", "poolers", "backups", "scheduledbackups"],
                "get",
                "list",
                "watch",
                "create",
                "patch",
                "delete"
            ),
            Rule("networking.k8s.io", ["networkpolicies"], "get", "list", "watch", "create", "patch", "delete"),
            Rule("", ["secrets"], "get", "create", "patch", "delete", "deletecollection"),
            Rule("", ["services"], "get", "list", "watch"),
            Rule("", ["pods"], "list"),
            Rule("", ["namespaces"], "create", "patch"),
        ];

    private static V1PolicyRule Rule(string group, string[] resources, params string[] verbs) =>
        new()
        {
            ApiGroups = [group],
            Resources = resources,
            Verbs = verbs,
        };
}
