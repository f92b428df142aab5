using Npgsql;
using Wombat.Domain.Databases;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>
/// The tenant's database and its roles. The database and its objects belong to a role that cannot log in; the database's own user has two
/// login roles that act as this role, so that a rotation can open the new one before it closes the old one.
/// </summary>
internal static class TenantRoles
{
    public const string Database = "app";
    public const string Owner = "app";
    public const string FirstLogin = "app_a";
    public const string SecondLogin = "app_b";
    public const string Readers = "app_read_only";
    public const string Writers = "app_read_write";

    public static readonly DateTimeOffset Never = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // A member of these cannot be told from Wombat's own roles.
    private static readonly string[] Reserved = [Owner, FirstLogin, SecondLogin, Readers, Writers, "postgres", "public", "none"];

    public static bool IsReserved(string user) =>
        Reserved.Contains(user, StringComparer.Ordinal) || user.StartsWith("pg_", StringComparison.Ordinal);

    /// <summary>The role that users with these rights are members of.</summary>
    public static string GroupOf(DatabaseRole role) =>
        role switch
        {
            DatabaseRole.Owner => Owner,
            DatabaseRole.ReadWrite => Writers,
            _ => Readers,
        };

    /// <summary>Takes from a role what none of a tenant's roles has, and its membership in other roles.</summary>
    /// <param name="groups">The roles in which it must not be a member.</param>
    public static async Task RestrictAsync(NpgsqlConnection connection, string role, IEnumerable<string> groups, CancellationToken cancel)
    {
        await connection.ExecuteAsync(
            $"alter role {Name(role)} nosuperuser nocreatedb nocreaterole noreplication nobypassrls connection limit -1",
            cancel
        );
        foreach (var group in groups)
        {
            await connection.ExecuteAsync($"revoke {Name(group)} from {Name(role)}", cancel);
        }
    }

    /// <summary>Creates the roles of every tenant that are missing.</summary>
    public static async Task CreateRolesAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        foreach (var role in new[] { Owner, Readers, Writers })
        {
            await CreateRoleAsync(connection, role, cancel);
        }

        foreach (var login in new[] { FirstLogin, SecondLogin })
        {
            await CreateRoleAsync(connection, login, cancel);
            await connection.ExecuteAsync($"grant {Name(Owner)} to {Name(login)}", cancel);
        }
    }

    /// <summary>Whether the tenant's database exists.</summary>
    public static Task<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ScalarAsync<bool>($"select exists (select from pg_database where datname = {Database})", cancel);

    /// <summary>Gives the tenant's database back to its owner.</summary>
    public static async Task RestoreDatabaseAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await connection.ExecuteAsync($"alter database {Name(Database)} owner to {Name(Owner)}", cancel);
        await connection.ExecuteAsync($"alter database {Name(Database)} with allow_connections true", cancel);
    }

    /// <summary>Creates the database and the roles that are missing. Can be repeated.</summary>
    /// <param name="open">Opens a connection of the superuser to a database.</param>
    public static async Task CreateAsync(Func<string, Task<NpgsqlConnection>> open, CancellationToken cancel)
    {
        await using (var connection = await open(SuperuserConnection.Database))
        {
            await CreateRolesAsync(connection, cancel);
            if (!await ExistsAsync(connection, cancel))
            {
                await connection.ExecuteAsync($"create database {Name(Database)} owner {Name(Owner)}", cancel);
            }

            await connection.ExecuteAsync($"revoke all on database {Name(Database)} from public", cancel);
            await connection.ExecuteAsync($"revoke connect on database postgres, template1 from public", cancel);
            await connection.ExecuteAsync($"grant connect on database {Name(Database)} to {Name(Readers)}, {Name(Writers)}", cancel);
            await connection.ExecuteAsync($"grant temporary on database {Name(Database)} to {Name(Writers)}", cancel);
            foreach (var login in new[] { FirstLogin, SecondLogin })
            {
                await ActAsOwnerAsync(connection, login, cancel);
            }
        }

        await using var tenant = await open(Database);
        await RestrictLargeObjectsAsync(tenant, cancel);
        foreach (var creator in new[] { Owner, FirstLogin, SecondLogin })
        {
            await SetDefaultPrivilegesAsync(tenant, creator, cancel);
        }
    }

    public static Task SetPasswordAsync(NpgsqlConnection connection, string role, string password, CancellationToken cancel) =>
        connection.ExecuteAsync($"alter role {Name(role)} login password {new SqlLiteral(ScramVerifier.Create(password))}", cancel);

    public static Task<string?> ReadVerifierAsync(NpgsqlConnection connection, string role, CancellationToken cancel) =>
        connection.ScalarAsync<string>($"select rolpassword from pg_authid where rolname = {role} and rolcanlogin", cancel);

    public static Task CloseLoginAsync(NpgsqlConnection connection, string role, CancellationToken cancel) =>
        connection.ExecuteAsync($"alter role {Name(role)} nologin password null", cancel);

    public static Task RefuseLoginAsync(NpgsqlConnection connection, string role, CancellationToken cancel) =>
        connection.ExecuteAsync($"alter role {Name(role)} nologin", cancel);

    /// <summary>Ends the sessions of roles that began before a time.</summary>
    public static async Task EndSessionsAsync(
        NpgsqlConnection connection,
        string[] roles,
        DateTimeOffset startedBefore,
        CancellationToken cancel
    ) =>
        await connection.QueryAsync(
            $"""
            select pg_terminate_backend(pid, 5000) from pg_stat_activity
            where usename = any({roles}) and pid <> pg_backend_pid()
                and backend_start < {startedBefore}
            """,
            r => r.GetBoolean(0),
            cancel
        );

    /// <summary>Creates or changes a user without its password.</summary>
    /// <param name="tenant">A connection of the superuser to the tenant's database.</param>
    public static async Task SaveUserAsync(NpgsqlConnection tenant, DatabaseUserSpec user, CancellationToken cancel)
    {
        await CreateRoleAsync(tenant, user.Name, cancel);
        var until = user.ExpiresAt is { } at ? ServerConfiguration.FormatTime(at) : "infinity";
        await tenant.ExecuteAsync($"alter role {Name(user.Name)} valid until {new SqlLiteral(until)}", cancel);
        await tenant.ExecuteAsync($"revoke {Name(Owner)}, {Name(Readers)}, {Name(Writers)} from {Name(user.Name)}", cancel);
        await tenant.ExecuteAsync($"grant {Name(GroupOf(user.Role))} to {Name(user.Name)}", cancel);
        if (user.Role == DatabaseRole.Owner)
        {
            await ActAsOwnerAsync(tenant, user.Name, cancel);
            await SetDefaultPrivilegesAsync(tenant, user.Name, cancel);
        }
        else
        {
            await tenant.ExecuteAsync($"alter role {Name(user.Name)} in database {Name(Database)} reset role", cancel);
            await GrantExistingAsync(tenant, cancel);
        }
    }

    /// <summary>Passes what a user owns to the owner of the database.</summary>
    /// <param name="tenant">A connection of the superuser to the tenant's database.</param>
    public static Task PassOwnedToOwnerAsync(NpgsqlConnection tenant, string user, CancellationToken cancel) =>
        tenant.ExecuteAsync($"reassign owned by {Name(user)} to {Name(Owner)}", cancel);

    /// <summary>Ends the sessions of a user, passes what it owns to the owner, and removes it.</summary>
    /// <param name="tenant">A connection of the superuser to the tenant's database.</param>
    public static async Task DropUserAsync(NpgsqlConnection tenant, string user, CancellationToken cancel)
    {
        if (!await tenant.ScalarAsync<bool>($"select exists (select from pg_roles where rolname = {user})", cancel))
        {
            return;
        }

        // Before and after: an open transaction that changed the role would block the change, and a client may connect in between.
        await EndSessionsAsync(tenant, [user], Never, cancel);
        await RefuseLoginAsync(tenant, user, cancel);
        await EndSessionsAsync(tenant, [user], Never, cancel);
        await PassOwnedToOwnerAsync(tenant, user, cancel);
        await tenant.ExecuteAsync($"drop owned by {Name(user)}", cancel);
        await tenant.ExecuteAsync($"drop role {Name(user)}", cancel);
    }

    /// <summary>All users besides the superuser and the database's own, also those whose access has ended.</summary>
    public static async Task<IReadOnlyList<string>> ListUsersAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        string[] own = [Owner, Readers, Writers, FirstLogin, SecondLogin];
        return await connection.QueryAsync(
            $"select rolname from pg_roles where not rolsuper and rolname not like 'pg\\_%' and rolname <> all({own})",
            r => r.GetString(0),
            cancel
        );
    }

    private static SqlName Name(string role) => new(role);

    private static async Task CreateRoleAsync(NpgsqlConnection connection, string role, CancellationToken cancel)
    {
        if (!await connection.ScalarAsync<bool>($"select exists (select from pg_roles where rolname = {role})", cancel))
        {
            await connection.ExecuteAsync($"create role {Name(role)} nologin", cancel);
        }
    }

    // What any of its users creates belongs to the owner, whoever may log in later.
    private static Task ActAsOwnerAsync(NpgsqlConnection connection, string login, CancellationToken cancel) =>
        connection.ExecuteAsync($"alter role {Name(login)} in database {Name(Database)} set role = {Name(Owner)}", cancel);

    // Every role may create large objects otherwise, also one that may only read.
    private static async Task RestrictLargeObjectsAsync(NpgsqlConnection tenant, CancellationToken cancel)
    {
        await tenant.ExecuteAsync(
            $"revoke execute on function lo_creat(int), lo_create(oid), lo_from_bytea(oid, bytea) from public",
            cancel
        );
        await tenant.ExecuteAsync(
            $"""
            grant execute on function lo_creat(int), lo_create(oid), lo_from_bytea(oid, bytea)
            to {Name(Owner)}, {Name(Writers)}
            """,
            cancel
        );
    }

    private static async Task SetDefaultPrivilegesAsync(NpgsqlConnection tenant, string creator, CancellationToken cancel)
    {
        await tenant.ExecuteAsync(
            $"alter default privileges for role {Name(creator)} grant usage on schemas to {Name(Readers)}, {Name(Writers)}",
            cancel
        );
        await tenant.ExecuteAsync($"alter default privileges for role {Name(creator)} grant select on tables to {Name(Readers)}", cancel);
        await tenant.ExecuteAsync(
            $"alter default privileges for role {Name(creator)} grant select, insert, update, delete on tables to {Name(Writers)}",
            cancel
        );
        await tenant.ExecuteAsync(
            $"alter default privileges for role {Name(creator)} grant select on sequences to {Name(Readers)}",
            cancel
        );
        await tenant.ExecuteAsync(
            $"alter default privileges for role {Name(creator)} grant usage, select, update on sequences to {Name(Writers)}",
            cancel
        );
    }

    private static async Task GrantExistingAsync(NpgsqlConnection tenant, CancellationToken cancel)
    {
        var schemas = await tenant.QueryAsync(
            $"select nspname from pg_namespace where nspname not like 'pg\\_%' and nspname <> 'information_schema'",
            r => new SqlName(r.GetString(0)),
            cancel
        );
        foreach (var schema in schemas)
        {
            await tenant.ExecuteAsync($"grant usage on schema {schema} to {Name(Readers)}, {Name(Writers)}", cancel);
            await tenant.ExecuteAsync($"grant select on all tables in schema {schema} to {Name(Readers)}", cancel);
            await tenant.ExecuteAsync($"grant select, insert, update, delete on all tables in schema {schema} to {Name(Writers)}", cancel);
            await tenant.ExecuteAsync($"grant select on all sequences in schema {schema} to {Name(Readers)}", cancel);
            await tenant.ExecuteAsync($"grant usage, select, update on all sequences in schema {schema} to {Name(Writers)}", cancel);
        }
    }
}
