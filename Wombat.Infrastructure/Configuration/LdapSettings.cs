using Cronos;
using Wombat.Domain.Directories;

namespace Wombat.Infrastructure.Configuration;

/// <summary>The LDAP directory from which users and groups are read.</summary>
/// <param name="Server">ldap:// with StartTLS, or ldaps://. Without TLS only loopback is allowed.</param>
/// <param name="CaFile">PEM file of the CA that signed the server's certificate; null for the system's CAs.</param>
/// <param name="BindDn">The account with which Wombat reads the directory.</param>
/// <param name="Id">The attribute with a user's immutable id, such as entryUUID or objectGUID.</param>
/// <param name="MaxDeactivatePercent">The maximum percentage of known users that one run may deactivate.</param>
/// <param name="Schedule">When a synchronization runs, in UTC; null for only on demand.</param>
/// <param name="WritesUsers">Whether users created in Wombat are added to <paramref name="UserBase"/>.</param>
public sealed record LdapSettings(
    Uri Server,
    bool StartTls,
    string? CaFile,
    string BindDn,
    string BindPassword,
    string UserBase,
    string UserFilter,
    string GroupBase,
    string GroupFilter,
    string Id,
    string Login,
    string Email,
    string FullName,
    string GroupName,
    string Member,
    RoleMappings Mappings,
    int MaxDeactivatePercent,
    CronExpression? Schedule,
    bool WritesUsers,
    TimeSpan Timeout,
    int PageSize
)
{
    /// <summary>Whether groups name their members by login, as posixGroup does, and not by distinguished name.</summary>
    public bool MembersAreLogins { get; } = Member.Equals("memberUid", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a member's distinguished name may be followed by a bit string.</summary>
    public bool MembersAreUniqueNames { get; } = Member.Equals("uniqueMember", StringComparison.OrdinalIgnoreCase);

    internal static LdapSettings? Read(SettingsReader reader)
    {
        if (reader.Text("ldap.url") is not { } url)
        {
            return null;
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var server) || server.Scheme is not ("ldap" or "ldaps"))
        {
            throw reader.Wrong("ldap.url", $"must be ldap://HOST[:PORT] or ldaps://HOST[:PORT], not '{url}'");
        }

        var startTls = reader.Flag("ldap.start_tls", defaultValue: server.Scheme == "ldap");
        if (!startTls && server.Scheme == "ldap" && !server.IsLoopback)
        {
            throw reader.Wrong("ldap.start_tls", "may be false only for a server on loopback, because passwords would be sent unencrypted");
        }

        string Required(string name) => reader.Text(name) ?? reader.Report(name, "is required", "");
        string ReadBase(string name, string dn) => dn.Length == 0 ? "" : Base(reader, name, dn);
        var userBase = ReadBase("ldap.user_base", Required("ldap.user_base"));
        var groupBase = ReadBase("ldap.group_base", reader.Text("ldap.group_base") ?? userBase);
        var member = reader.Text("ldap.attributes.member") ?? "member";
        return new LdapSettings(
            server,
            startTls && server.Scheme == "ldap",
            reader.Text("ldap.ca_file"),
            Required("ldap.bind_dn"),
            reader.Secret("ldap.bind_password") ?? reader.Report("ldap.bind_password_file", "is required", ""),
            userBase,
            reader.Text("ldap.user_filter") ?? "(objectClass=inetOrgPerson)",
            groupBase,
            reader.Text("ldap.group_filter") ?? $"(objectClass={GroupClass(member)})",
            reader.Text("ldap.attributes.id") ?? "entryUUID",
            reader.Text("ldap.attributes.login") ?? "uid",
            reader.Text("ldap.attributes.email") ?? "mail",
            reader.Text("ldap.attributes.full_name") ?? "cn",
            reader.Text("ldap.attributes.group_name") ?? "cn",
            member,
            ReadMappings(reader, groupBase),
            reader.Number("ldap.max_deactivate_percent", 10, 0, 100),
            ReadSchedule(reader),
            reader.Flag("ldap.write_users", defaultValue: false),
            reader.Seconds("ldap.timeout_seconds", 30, 1, 3600),
            reader.Number("ldap.page_size", 500, 0, 100_000)
        );
    }

    // A record's default ToString would print the password.
    public override string ToString() => Server.ToString();

    private static string Base(SettingsReader reader, string name, string value) =>
        DistinguishedName.TryParse(value, out _)
            ? value
            : throw reader.Wrong(name, $"must be a distinguished name such as ou=people,dc=example,dc=org, not '{value}'");

    private static string GroupClass(string member) =>
        member.ToLowerInvariant() switch
        {
            "memberuid" => "posixGroup",
            "uniquemember" => "groupOfUniqueNames",
            _ => "groupOfNames",
        };

    private static RoleMappings ReadMappings(SettingsReader reader, string groupBase)
    {
        var (mappings, within) = (reader.Mappings("ldap.roles", DistinguishedName.Normalize), DistinguishedName.Normalize(groupBase));

        // A name with one part may be a group's short name.
        return
            mappings.Groups.FirstOrDefault(g =>
                DistinguishedName.TryParse(g, out var parts) && parts.Count > 1 && !DistinguishedName.IsWithin(g, within)
            )
                is { } outside
            ? throw reader.Wrong(
                "ldap.roles",
                $"names '{outside}', which is not under ldap.group_base ({groupBase}) and can never be found"
            )
            : mappings;
    }

    private static CronExpression? ReadSchedule(SettingsReader reader)
    {
        try
        {
            return reader.Text("ldap.schedule") is { } cron ? CronSchedule.Parse(cron) : null;
        }
        catch (CronFormatException)
        {
            throw reader.Wrong("ldap.schedule", "must be a cron expression with seconds, such as '0 0 * * * ?' (every hour)");
        }
    }
}
