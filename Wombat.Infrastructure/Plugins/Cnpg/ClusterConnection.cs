using System.Globalization;
using Npgsql;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Infrastructure.Databases;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>A connection to a database, for what managed roles do not cover: grants, ownership and sessions.</summary>
internal sealed class ClusterConnection : IAsyncDisposable
{
    private const int StatementSeconds = 30;

    private readonly NpgsqlDataSource source;
    private readonly NpgsqlConnection connection;

    private ClusterConnection(NpgsqlDataSource source, NpgsqlConnection connection)
    {
        this.source = source;
        this.connection = connection;
    }

    public static async Task<ClusterConnection> OpenAsync(DatabaseCredentials credentials, CancellationToken cancel)
    {
        var opened = DatabaseDataSource.Build(credentials, StatementSeconds);
        try
        {
            return new ClusterConnection(opened, await opened.OpenConnectionAsync(cancel));
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            await opened.DisposeAsync();
            throw Failure(e);
        }
    }

    /// <summary>Grants the two groups what their names say, on all that exists and on what the owner creates later.</summary>
    public async Task GrantAsync(CancellationToken cancel)
    {
        var schemas = await ReadAsync(
            """
            select quote_ident(nspname) from pg_namespace
            where nspname !~ '^pg_' and nspname <> 'information_schema' and pg_has_role(current_user, nspowner, 'usage')
            """,
            cancel
        );
        var groups = $"{ManagedRoles.ReadOnlyGroup}, {ManagedRoles.ReadWriteGroup}";
        const string Writer = ManagedRoles.ReadWriteGroup;
        await ExecuteAsync(
            $"""
            alter default privileges grant usage on schemas to {groups};
            alter default privileges grant select on tables to {groups};
            alter default privileges grant insert, update, delete, truncate on tables to {Writer};
            alter default privileges grant select on sequences to {groups};
            alter default privileges grant usage, update on sequences to {Writer};
            """,
            cancel
        );
        foreach (var schema in schemas)
        {
            await ExecuteAsync(
                $"""
                grant usage on schema {schema} to {groups};
                grant select on all tables in schema {schema} to {groups};
                grant insert, update, delete, truncate on all tables in schema {schema} to {Writer};
                grant select on all sequences in schema {schema} to {groups};
                grant usage, update on all sequences in schema {schema} to {Writer};
                """,
                cancel
            );
        }
    }

    /// <summary>Whether what the present user creates belongs to the database's own user from the next session on.</summary>
    public Task ActAsOwnerAsync(bool acts, CancellationToken cancel) =>
        ExecuteAsync($"set role none; alter role session_user {(acts ? $"set role to {CnpgNames.Owner}" : "reset role")}", cancel);

    /// <summary>Gives all that the present user owns to the database's own user and takes its privileges.</summary>
    public Task GiveUpAsync(CancellationToken cancel) =>
        ExecuteAsync($"set role none; reassign owned by session_user to {CnpgNames.Owner}; drop owned by session_user", cancel);

    /// <summary>The roles that can log in.</summary>
    public async Task<IReadOnlyList<string>> ListLoginsAsync(CancellationToken cancel) =>
        await ReadAsync("select rolname::pg_catalog.text from pg_catalog.pg_roles where rolcanlogin", cancel);

    public async Task<bool> HasRoleAsync(string user, CancellationToken cancel) =>
        (await ReadAsync("select rolname from pg_roles where rolname = $1", cancel, user)).Count > 0;

    /// <summary>Whether a user belongs to this one of the groups, and its password ends then.</summary>
    /// <param name="validUntil">A time in ISO 8601 format; null for no end.</param>
    public async Task<bool> MatchesAsync(string user, string group, string? validUntil, CancellationToken cancel) =>
        (
            await ReadAsync(
                """
                select u.rolname from pg_roles u where u.rolname = $1 and $2 = all (
                  select g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = u.oid
                ) and exists (select from pg_auth_members m where m.member = u.oid)
                and coalesce(nullif(u.rolvaliduntil, 'infinity'), '-infinity') = coalesce(nullif($3, '')::timestamptz, '-infinity')
                """,
                cancel,
                user,
                group,
                validUntil ?? ""
            )
        ).Count > 0;

    /// <summary>
    /// The last commit, when it is archived; otherwise the time of the last archived WAL. Null when no WAL is archived.
    /// </summary>
    public async Task<DateTimeOffset?> LastArchivedAsync(CancellationToken cancel)
    {
        var rows = await ReadAsync(
            """
            select to_char(
              least(last_archived_time, (pg_last_committed_xact()).timestamp) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
            )
            from pg_stat_archiver where last_archived_time is not null
            """,
            cancel
        );
        return rows.Count == 0 ? null : DateTimeOffset.Parse(rows[0], CultureInfo.InvariantCulture);
    }

    public async Task<IReadOnlyList<DatabaseExtension>> ListExtensionsAsync(CancellationToken cancel) =>
        await ReadAsync(
            """
            select e.name::text, e.default_version, e.installed_version, coalesce(v.trusted, false), e.comment
            from pg_catalog.pg_available_extensions e left join pg_catalog.pg_available_extension_versions v
              on v.name operator(pg_catalog.=) e.name and v.version operator(pg_catalog.=) e.default_version
            order by e.name
            """,
            r => new DatabaseExtension(r.GetString(0), Text(r, 1), Text(r, 2), r.GetBoolean(3), Text(r, 4)),
            cancel
        );

    /// <summary>Ends the connection of the server too, which a pooler would keep for others.</summary>
    public async Task EndOwnSessionAsync(CancellationToken cancel)
    {
        try
        {
            await ReadAsync("select pg_terminate_backend(pg_backend_pid())::text", cancel);
        }
        catch (ExternalSystemException)
        {
            // The session is ended.
        }
    }

    public Task EndSessionsAsync(string user, CancellationToken cancel) =>
        ReadAsync(
            // The names are qualified, since the tenant decides what others mean.
            """
            select pg_catalog.pg_terminate_backend(pid, 5000)::pg_catalog.text from pg_catalog.pg_stat_activity
            where usename operator(pg_catalog.=) $1::pg_catalog.name and pid operator(pg_catalog.<>) pg_catalog.pg_backend_pid()
            """,
            cancel,
            user
        );

    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        await source.DisposeAsync();
    }

    private Task<List<string>> ReadAsync(string sql, CancellationToken cancel, params string[] parameters) =>
        ReadAsync(sql, r => r.GetString(0), cancel, parameters);

    private async Task<List<T>> ReadAsync<T>(
        string sql,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancel,
        params string[] parameters
    )
    {
        try
        {
            await using var command = new NpgsqlCommand(sql, connection);
            foreach (var parameter in parameters)
            {
                command.Parameters.Add(new NpgsqlParameter { Value = parameter });
            }

            await using var reader = await command.ExecuteReaderAsync(cancel);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancel))
            {
                rows.Add(read(reader));
            }

            return rows;
        }
        catch (NpgsqlException e)
        {
            throw Failure(e);
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancel)
    {
        try
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancel);
        }
        catch (NpgsqlException e)
        {
            throw Failure(e);
        }
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static ExternalSystemException Failure(Exception e) =>
        new(
            ExternalFailure.Unavailable,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The database does not do it: {(e as PostgresException)?.MessageText ?? e.Message}"
            ),
            inner: e
        );
}
