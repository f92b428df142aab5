using Npgsql;

namespace Wombat.Infrastructure.Backup;

/// <summary>Reads tables, sequences and references of the schema from PostgreSQL's system catalog.</summary>
internal static class BackupCatalog
{
    public const string History = "__EFMigrationsHistory";

    // Partitioned tables without their partitions, and without tables that an extension creates.
    private const string TableSql = """
        select c.relname, array_agg(a.attname order by a.attnum)::text[]
        from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> $1
          and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
          and not exists (select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
        group by c.relname order by c.relname
        """;

    private const string ReferenceSql = """
        select distinct c.conrelid::regclass::text, c.confrelid::regclass::text from pg_constraint c
        where c.contype = 'f' and c.connamespace = current_schema()::regnamespace and c.conrelid <> c.confrelid
        """;

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static async Task<List<(string Name, string[] Columns)>> TablesAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(TableSql, connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = History } },
        };
        var tables = new List<(string, string[])>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            tables.Add((reader.GetString(0), await reader.GetFieldValueAsync<string[]>(1, cancel)));
        }

        return tables;
    }

    /// <summary>Sorts the tables so that each one comes after the tables that it references.</summary>
    public static async Task<List<string>> SortByReferencesAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<string> tables,
        CancellationToken cancel
    )
    {
        var references = new List<(string From, string To)>();
        await using (var command = new NpgsqlCommand(ReferenceSql, connection))
        await using (var reader = await command.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel))
            {
                references.Add((reader.GetString(0).Trim('"'), reader.GetString(1).Trim('"')));
            }
        }

        var (ordered, left) = (new List<string>(), new SortedSet<string>(tables, StringComparer.Ordinal));
        while (left.Count > 0)
        {
            var next =
                left.FirstOrDefault(t => !references.Exists(r => r.From == t && left.Contains(r.To)))
                ?? throw new BackupException($"The tables {string.Join(", ", left)} reference each other.");
            left.Remove(next);
            ordered.Add(next);
        }

        return ordered;
    }

    public static Task<List<string>> MigrationsAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        ListAsync(connection, $"""select "MigrationId" from {Quote(History)} order by 1""", r => r.GetString(0), cancel);

    public static Task<List<DateOnly>> EventMonthsAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        ListAsync(
            connection,
            @"select to_date(substring(c.relname from 8), 'YYYY_MM') from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'events'::regclass and c.relname ~ '^events_\d{4}_\d{2}$' order by 1",
            r => r.GetFieldValue<DateOnly>(0),
            cancel
        );

    public static async Task<List<BackupSequence>> SequencesAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var names = await ListAsync(
            connection,
            "select c.relname from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind = 'S' order by 1",
            r => r.GetString(0),
            cancel
        );
        var sequences = new List<BackupSequence>();
        foreach (var name in names)
        {
            sequences.AddRange(
                await ListAsync(
                    connection,
                    $"select last_value, is_called from {Quote(name)}",
                    r => new BackupSequence(name, r.GetInt64(0), r.GetBoolean(1)),
                    cancel
                )
            );
        }

        return sequences;
    }

    public static async Task<List<T>> ListAsync<T>(
        NpgsqlConnection connection,
        string sql,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancel
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var list = new List<T>();
        while (await reader.ReadAsync(cancel))
        {
            list.Add(read(reader));
        }

        return list;
    }

    public static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return (T)(await command.ExecuteScalarAsync(cancel))!;
    }
}
