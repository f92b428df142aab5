using Npgsql;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Finds what somebody changed in the roles and databases of a server, and changes it back.</summary>
internal static class RoleDrift
{
    public const string RolePrefix = "roles.";
    private const string NoLogin = "no login";

    /// <param name="connection">A connection of the superuser.</param>
    public static async Task<IReadOnlyList<ResourceDifference>> FindAsync(
        NpgsqlConnection connection,
        Instance instance,
        StoredCredentials credentials,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        var actual = await ReadRolesAsync(connection, cancel);
        var found = new List<ResourceDifference>();
        foreach (var role in ExpectedRoles(instance))
        {
            var seen = actual.GetValueOrDefault(role.Name);
            var canLogin = CanLogin(role.Name, instance, credentials, now) ?? seen?.CanLogin ?? true;
            var expected = new ActualRole(role.Name, canLogin, "", role.MemberOf is { } group ? [group] : []).Description;
            if (expected != seen?.Description)
            {
                found.Add(new ResourceDifference(RolePrefix + role.Name, expected, seen?.Description));
            }

            actual.Remove(role.Name);
        }

        found.AddRange(actual.Values.Select(r => new ResourceDifference(RolePrefix + r.Name, null, r.Description)));
        found.AddRange(await FindInDatabasesAsync(connection, cancel));
        return found;
    }

    /// <summary>Gives the roles and databases back what they should have, and removes roles that nobody asked for.</summary>
    public static async Task RepairAsync(InstanceFolder folder, Instance instance, DateTimeOffset now, CancellationToken cancel)
    {
        await using (var connection = await SuperuserConnection.OpenAsync(folder, instance, cancel))
        {
            if (!await TenantRoles.ExistsAsync(connection, cancel))
            {
                throw new ExternalSystemException(
                    ExternalFailure.Unknown,
                    "Its database was dropped from its server. Restore a backup into a new database."
                );
            }

            await TenantRoles.CreateRolesAsync(connection, cancel);
            await TenantRoles.RestoreDatabaseAsync(connection, cancel);
        }

        await TenantRoles.CreateAsync(d => SuperuserConnection.OpenAsync(folder, instance, cancel, d), cancel);
        await using (var tenant = await SuperuserConnection.OpenAsync(folder, instance, cancel, TenantRoles.Database))
        {
            var expected = ExpectedRoles(instance).ToDictionary(r => r.Name, r => r.MemberOf, StringComparer.Ordinal);
            foreach (var role in (await ReadRolesAsync(tenant, cancel)).Values)
            {
                if (!expected.TryGetValue(role.Name, out var group))
                {
                    await TenantRoles.DropUserAsync(tenant, role.Name, cancel);
                    continue;
                }

                await TenantRoles.RestrictAsync(tenant, role.Name, role.MemberOf.Where(g => g != group), cancel);
                if (group is null)
                {
                    await TenantRoles.RefuseLoginAsync(tenant, role.Name, cancel);
                }
            }

            await CredentialsService.RestoreLoginsAsync(folder, tenant, cancel);
        }

        foreach (var user in instance.Users.Where(u => !HasEnded(u, now)))
        {
            await UserService.SaveAsync(folder, instance, user.ToSpec(), cancel);
        }
    }

    private static IEnumerable<(string Name, string? MemberOf)> ExpectedRoles(Instance instance) =>
        [
            (TenantRoles.Owner, null),
            (TenantRoles.Readers, null),
            (TenantRoles.Writers, null),
            (TenantRoles.FirstLogin, TenantRoles.Owner),
            (TenantRoles.SecondLogin, TenantRoles.Owner),
            .. instance.Users.Select(u => (u.Name, (string?)TenantRoles.GroupOf(u.Role))),
        ];

    // Null while a rotation or an expiry changes it.
    private static bool? CanLogin(string role, Instance instance, StoredCredentials credentials, DateTimeOffset now)
    {
        if (role is TenantRoles.FirstLogin or TenantRoles.SecondLogin)
        {
            return credentials.Find(StoredCredentials.Own) is { Next: null, Previous: null } login ? login.Role == role : null;
        }

        return instance.Users.FirstOrDefault(u => u.Name == role) is not { } user ? false
            : HasEnded(user, now) ? null
            : true;
    }

    private static bool HasEnded(InstanceUser user, DateTimeOffset now) => user.HasEnded || user.ExpiresAt <= now;

    private static async Task<Dictionary<string, ActualRole>> ReadRolesAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var roles = await connection.QueryAsync(
            $"""
            select r.rolname::text, r.rolcanlogin,
                concat_ws(', ', case when r.rolsuper then 'superuser' end, case when r.rolcreatedb then 'createdb' end,
                    case when r.rolcreaterole then 'createrole' end, case when r.rolreplication then 'replication' end,
                    case when r.rolbypassrls then 'bypassrls' end,
                    case when r.rolconnlimit >= 0 then 'connection limit ' || r.rolconnlimit end),
                array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid order by 1)
            from pg_roles r where r.rolname not like 'pg\_%' and r.rolname <> 'postgres'
            """,
            r => new ActualRole(r.GetString(0), r.GetBoolean(1), r.GetString(2), r.GetFieldValue<string[]>(3)),
            cancel
        );
        return roles.ToDictionary(r => r.Name, StringComparer.Ordinal);
    }

    // The owner may change the privileges of its own database, but not its owner.
    private static async Task<List<ResourceDifference>> FindInDatabasesAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var databases = await connection.QueryAsync(
            $"""
            select d.datname::text, pg_get_userbyid(d.datdba)::text, d.datallowconn,
                exists (select from aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
                    where a.grantee = 0 and a.privilege_type = 'CONNECT')
            from pg_database d
            """,
            r => (Name: r.GetString(0), Owner: r.GetString(1), Connects: r.GetBoolean(2), IsPublic: r.GetBoolean(3)),
            cancel
        );
        var found = new List<ResourceDifference>();
        var own = databases.FirstOrDefault(d => d.Name == TenantRoles.Database);
        if (own.Name is null)
        {
            found.Add(new ResourceDifference("database", TenantRoles.Database, null));
        }
        else if (own.Owner != TenantRoles.Owner)
        {
            found.Add(new ResourceDifference("database.owner", TenantRoles.Owner, own.Owner));
        }
        else if (!own.Connects)
        {
            found.Add(new ResourceDifference("database.allow_connections", "true", "false"));
        }

        found.AddRange(
            databases
                .Where(d => d.IsPublic && d.Name is (SuperuserConnection.Database or "template1"))
                .Select(d => new ResourceDifference($"database.{d.Name}.connect", "nobody", "everybody"))
        );
        return found;
    }

    private sealed record ActualRole(string Name, bool CanLogin, string Attributes, IReadOnlyList<string> MemberOf)
    {
        public string Description =>
            string.Join(
                ", ",
                new[]
                {
                    CanLogin ? "login" : NoLogin,
                    Attributes,
                    MemberOf.Count == 0 ? "" : $"member of {string.Join(" and ", MemberOf)}",
                }.Where(p => p.Length > 0)
            );
    }
}
