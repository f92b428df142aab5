using Npgsql;
using Wombat.Application.Databases;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Databases;

/// <summary>Reads databases of users as their users do.</summary>
internal sealed class DatabaseInspector(TimeProvider clock) : IDatabaseInspector
{
    private const int StatementSeconds = 3600;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ConnectDelay = TimeSpan.FromSeconds(1);

    public async Task<DatabaseContents> CountAsync(DatabaseCredentials credentials, CancellationToken cancel)
    {
        try
        {
            await using var source = DatabaseDataSource.Build(credentials, StatementSeconds);
            await using var connection = await ConnectAsync(source, cancel);
            return await CountAsync(connection, cancel);
        }
        catch (NpgsqlException e)
        {
            throw new ExternalSystemException(ExternalFailure.Unavailable, $"The database cannot be read: {e.Message}", inner: e);
        }
    }

    // A database that was just made may not be reached at once.
    private async Task<NpgsqlConnection> ConnectAsync(NpgsqlDataSource source, CancellationToken cancel)
    {
        var from = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await source.OpenConnectionAsync(cancel);
            }
            catch (NpgsqlException) when (clock.GetElapsedTime(from) < ConnectTimeout)
            {
                await Task.Delay(ConnectDelay, clock, cancel);
            }
        }
    }

    private static async Task<DatabaseContents> CountAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        // A policy of a table is code of the tenant, which may never end. With it, counting the rows is an error.
        await connection.ExecuteAsync($"set row_security = off", cancel);
        var tables = await connection.QueryAsync(
            $"""
            select n.nspname, c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname not in ('pg_catalog', 'information_schema')
                and n.nspname not like 'pg\_toast%' and pg_catalog.has_table_privilege(c.oid, 'select')
            order by 1, 2
            """,
            r => (Schema: new SqlName(r.GetString(0)), Table: new SqlName(r.GetString(1))),
            cancel
        );
        var rows = 0L;
        foreach (var (schema, table) in tables)
        {
            rows += await connection.ScalarAsync<long>($"select pg_catalog.count(*) from {schema}.{table}", cancel);
        }

        return new DatabaseContents(tables.Count, rows);
    }
}
