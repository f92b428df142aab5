using System.Globalization;
using System.Text.Json.Nodes;
using Wombat.Domain.Databases;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>The managed roles of a cluster: the database's own user, two groups for what users may do, and the users.</summary>
internal static class ManagedRoles
{
    public const string ReadWriteGroup = "wombat_read_write";
    public const string ReadOnlyGroup = "wombat_read_only";

    // The database's own user may end the sessions of the others.
    private const string SignalGroup = "pg_signal_backend";

    public static IReadOnlyList<JsonObject> Groups => [Group(ReadWriteGroup), Group(ReadOnlyGroup)];

    public static JsonObject Owner(ClusterView cluster) => Login(CnpgNames.Owner, cluster.AppSecret, [SignalGroup], null);

    public static JsonObject User(ClusterView cluster, DatabaseUserSpec user) =>
        Login(user.Name, CnpgNames.UserSecret(cluster.Id.Name, user.Name), [GroupOf(user.Role)], user.ExpiresAt);

    public static JsonObject Absent(string name) => new() { ["name"] = name, ["ensure"] = "absent" };

    /// <summary>A role of restored data that Wombat does not know. What it owns stays.</summary>
    public static JsonObject Locked(string name) =>
        new()
        {
            ["name"] = name,
            ["ensure"] = "present",
            ["login"] = false,
            ["disablePassword"] = true,
        };

    public static bool IsAbsent(JsonObject role) => role["ensure"]?.GetValue<string>() == "absent";

    public static bool CanLogIn(JsonObject role) => !IsAbsent(role) && role["login"]?.GetValue<bool>() == true;

    public static string NameOf(JsonObject role) => role["name"]!.GetValue<string>();

    public static IReadOnlyList<DatabaseUserSpec> UsersOf(ClusterView cluster) =>
        [.. cluster.Roles.Select(r => UserOf(r, cluster.Expiries)).OfType<DatabaseUserSpec>().OrderBy(u => u.Name, StringComparer.Ordinal)];

    private static DatabaseUserSpec? UserOf(JsonObject role, JsonObject expiries)
    {
        var (name, group) = (NameOf(role), (role["inRoles"] as JsonArray)?.FirstOrDefault()?.GetValue<string>());
        DatabaseRole? kind = group switch
        {
            CnpgNames.Owner => DatabaseRole.Owner,
            ReadWriteGroup => DatabaseRole.ReadWrite,
            ReadOnlyGroup => DatabaseRole.ReadOnly,
            _ => null,
        };
        var end = expiries[name]?.GetValue<string>() ?? role["validUntil"]?.GetValue<string>();
        DateTimeOffset? expiry = DateTimeOffset.TryParse(end, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
        return kind is { } known && name != CnpgNames.Owner && !IsAbsent(role) ? new DatabaseUserSpec(name, known, expiry) : null;
    }

    private static string GroupOf(DatabaseRole role) =>
        role switch
        {
            DatabaseRole.Owner => CnpgNames.Owner,
            DatabaseRole.ReadWrite => ReadWriteGroup,
            _ => ReadOnlyGroup,
        };

    private static JsonObject Group(string name) =>
        new()
        {
            ["name"] = name,
            ["ensure"] = "present",
            ["login"] = false,
        };

    private static JsonObject Login(string name, string secret, IEnumerable<string> groups, DateTimeOffset? expiresAt)
    {
        var role = new JsonObject
        {
            ["name"] = name,
            ["ensure"] = "present",
            ["login"] = true,
            ["inRoles"] = new JsonArray([.. groups.Select(g => (JsonNode)g)]),
            ["passwordSecret"] = new JsonObject { ["name"] = secret },
        };
        if (expiresAt is { } end)
        {
            role["validUntil"] = end.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        }

        return role;
    }
}
