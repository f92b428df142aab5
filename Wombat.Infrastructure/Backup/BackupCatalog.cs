using Npgsql;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Backup;

/// <summary>Reads tables, sequences and references of the schema from PostgreSQL's system catalog.</summary>
internal static class BackupCatalog
{
    public const string History = "__EFMigrationsHistory";

    public static string Quote(string name) => new SqlName(name).ToString();

    // Partitioned tables without their partitions, and without tables that an extension creates.
    public static Task<List<(string Name, string[] Columns)>> TablesAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.QueryAsync(
            $"""
            select c.relname, array_agg(a.attname order by a.attnum)::text[]
            from pg_class c join pg_attribute a on a.attrelid = c.oid
            where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
              and c.relname <> {History} and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
              and not exists (select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
            group by c.relname order by c.relname
            """,
            r => (r.GetString(0), r.GetFieldValue<string[]>(1)),
            cancel
        );

    /// <summary>Sorts the tables so that each one comes after the tables that it references.</summary>
    public static async Task<List<string>> SortByReferencesAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<string> tables,
        CancellationToken cancel
    )
    {
        var references = await connection.QueryAsync(
            $"""
            select distinct c.conrelid::regclass::text, c.confrelid::regclass::text from pg_constraint c
            where c.contype = 'f' and c.connamespace = current_schema()::regnamespace and c.conrelid <> c.confrelid
            """,
            r => (From: r.GetString(0).Trim('"'), To: r.GetString(1).Trim('"')),
            cancel
        );
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
        connection.QueryAsync($"""select "MigrationId" from {new SqlName(History)} order by 1""", r => r.GetString(0), cancel);

    public static Task<List<DateOnly>> EventMonthsAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.QueryAsync(
            $"""
            select to_date(substring(c.relname from 8), 'YYYY_MM') from pg_inherits i join pg_class c on c.oid = i.inhrelid
            where i.inhparent = 'events'::regclass and c.relname ~ '^events_\d\d\d\d_\d\d$' order by 1
            """,
            r => r.GetFieldValue<DateOnly>(0),
            cancel
        );

    public static async Task<List<BackupSequence>> SequencesAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var names = await connection.QueryAsync(
            $"select c.relname from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind = 'S' order by 1",
            r => r.GetString(0),
            cancel
        );
        var sequences = new List<BackupSequence>();
        foreach (var name in names)
        {
            sequences.AddRange(
                await connection.QueryAsync(
                    $"select last_value, is_called from {new SqlName(name)}",
                    r => new BackupSequence(name, r.GetInt64(0), r.GetBoolean(1)),
                    cancel
                )
            );
        }

        return sequences;
    }

    /// <summary>Counts the rows of a table, however long that takes.</summary>
    public static Task<long> CountAsync(NpgsqlConnection connection, string table, CancellationToken cancel) =>
        connection.ScalarAsync<long>($"select count(*) from {new SqlName(table)}", cancel, timeoutSeconds: 0);
}
