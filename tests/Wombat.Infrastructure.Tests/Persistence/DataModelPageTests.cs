using System.Text;
using Npgsql;
using Wombat.Infrastructure.Persistence;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Persistence;

/// <summary>docs/data-model.md is the schema of a migrated database. With WOMBAT_TEST_WRITE=1 the test writes the page instead.</summary>
public sealed class DataModelPageTests
{
    [Test]
    public async Task Page_ComparedWithTheDatabase_IsCurrent()
    {
        var file = Path.Combine(WombatProcess.RepositoryRoot(), "docs", "data-model.md");
        var page = await PageAsync();
        if (Environment.GetEnvironmentVariable("WOMBAT_TEST_WRITE") == "1")
        {
            await File.WriteAllTextAsync(file, page);
        }

        Assert.That(
            await File.ReadAllTextAsync(file),
            Is.EqualTo(page),
            "to write the page: WOMBAT_TEST_WRITE=1 dotnet test tests/Wombat.Infrastructure.Tests --filter DataModelPage"
        );
    }

    private static async Task<string> PageAsync()
    {
        await using var database = NpgsqlDataSource.Create(await SharedPostgres.NewMigratedDatabaseAsync());
        var columns = await ColumnsAsync(database);
        var page = new StringBuilder(
            """
            # Data model

            Generated from a migrated database; a test compares. PostgreSQL holds all state of Wombat. Most tables are mapped in
            `Wombat.Infrastructure/Persistence/Configurations/`, those that only SQL reads in `Persistence/Tables/`, and what EF Core
            cannot express (partitions, triggers, functions, expression indexes) is SQL in `Persistence/Migrations/Sql/`. `events` is
            partitioned by month.

            ```mermaid
            erDiagram

            """.ReplaceLineEndings("\n")
        );
        foreach (
            var column in columns
                .Where(c => c.References is not null)
                .OrderBy(c => $"{c.References} {c.Table} {c.Name}", StringComparer.Ordinal)
        )
        {
            page.Append($"    {column.References} ||--o{{ {column.Table} : {column.Name}\n");
        }

        page.Append("```\n");
        foreach (var table in columns.GroupBy(c => c.Table, StringComparer.Ordinal).OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            page.Append($"\n## {table.Key}\n\n| column | type | |\n|---|---|---|\n");
            foreach (var column in table.OrderByDescending(c => c.IsKey).ThenBy(c => c.Name, StringComparer.Ordinal))
            {
                string?[] notes =
                [
                    column.IsKey ? "primary key" : null,
                    column.References is { } target ? $"references {target}" : null,
                    column.IsRequired ? null : "nullable",
                ];
                page.Append($"| `{column.Name}` | {column.Type} | {string.Join(", ", notes.Where(n => n is not null))} |\n");
            }
        }

        return page.ToString();
    }

    private static Task<List<Column>> ColumnsAsync(NpgsqlDataSource database) =>
        database.QueryAsync(
            $"""
            select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any(i.indkey)),
                (select f.confrelid::regclass::text from pg_constraint f where f.conrelid = c.oid and f.contype = 'f'
                    and f.conkey = array[a.attnum] limit 1)
            from pg_class c join pg_attribute a on a.attrelid = c.oid
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
                and a.attnum > 0 and not a.attisdropped and c.relname <> '__EFMigrationsHistory'
            """,
            r => new Column(r.GetString(0), r.GetString(1), r.GetString(2), r.GetBoolean(3), r.GetBoolean(4), r.ValueOrDefault<string>(5)),
            default
        );

    private sealed record Column(string Table, string Name, string Type, bool IsRequired, bool IsKey, string? References);
}
