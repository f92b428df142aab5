using Npgsql;

namespace Wombat.Infrastructure.Persistence;

/// <summary>Runs a <see cref="SqlText"/> on a data source or a connection.</summary>
internal static class SqlExtensions
{
    /// <summary>The number of rows that were changed.</summary>
    public static async Task<int> ExecuteAsync(this NpgsqlDataSource database, SqlText sql, CancellationToken cancel)
    {
        await using var command = sql.CreateCommand(database);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>The number of rows that were changed.</summary>
    public static async Task<int> ExecuteAsync(
        this NpgsqlConnection connection,
        SqlText sql,
        CancellationToken cancel,
        int? timeoutSeconds = null
    )
    {
        await using var command = sql.CreateCommand(connection);
        command.CommandTimeout = timeoutSeconds ?? command.CommandTimeout;
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>The first column of the first row; the default value if there is no row or it is null.</summary>
    public static async Task<T?> ScalarAsync<T>(this NpgsqlDataSource database, SqlText sql, CancellationToken cancel)
    {
        var rows = await database.QueryAsync(sql, r => r.ValueOrDefault<T>(0), cancel);
        return rows.Count > 0 ? rows[0] : default;
    }

    /// <summary>The first column of the first row; default where there is no row or it is null.</summary>
    public static async Task<T?> ScalarAsync<T>(
        this NpgsqlConnection connection,
        SqlText sql,
        CancellationToken cancel,
        int? timeoutSeconds = null
    )
    {
        var rows = await connection.QueryAsync(sql, r => r.ValueOrDefault<T>(0), cancel, timeoutSeconds);
        return rows.Count > 0 ? rows[0] : default;
    }

    public static async Task<List<T>> QueryAsync<T>(
        this NpgsqlDataSource database,
        SqlText sql,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancel
    )
    {
        await using var command = sql.CreateCommand(database);
        return await command.QueryAsync(read, cancel);
    }

    public static async Task<List<T>> QueryAsync<T>(
        this NpgsqlConnection connection,
        SqlText sql,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancel,
        int? timeoutSeconds = null
    )
    {
        await using var command = sql.CreateCommand(connection);
        command.CommandTimeout = timeoutSeconds ?? command.CommandTimeout;
        return await command.QueryAsync(read, cancel);
    }

    /// <summary>The column's value; the default value if it is null.</summary>
    public static T? ValueOrDefault<T>(this NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? default : reader.GetFieldValue<T>(column);

    private static async Task<List<T>> QueryAsync<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancel)
    {
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
