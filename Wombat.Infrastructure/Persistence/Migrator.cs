using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace Wombat.Infrastructure.Persistence;

/// <summary>
/// Migrates the database to this version. Each migration is one transaction. Replicas that start at the same time wait for each other.
/// </summary>
public sealed class Migrator(IDbContextFactory<WombatDbContext> contexts, NpgsqlDataSource database)
{
    /// <summary>The number of applied migrations.</summary>
    /// <exception cref="UnsupportedSchemaException">The schema is from a newer version or from a version before 0.1.0.</exception>
    public async Task<int> MigrateAsync(CancellationToken cancel)
    {
        await using var context = await contexts.CreateDbContextAsync(cancel);
        var known = Known(context);
        var applied = await AppliedAsync(cancel);
        if (applied.Except(known, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            throw new UnsupportedSchemaException(
                IsBefore(unknown, known)
                    ? $"The database was created by a development version before 0.1.0 (migration {unknown}). It cannot be upgraded: use an empty database or data directory, or run that version again."
                    : $"The database was created by a newer version of Wombat (migration {unknown}). Use that version, or restore a backup into an empty database."
            );
        }

        var missing = known.Count - applied.Count;
        if (missing > 0)
        {
            // A migration may rewrite a large table.
            context.Database.SetCommandTimeout(0);
            await context.Database.MigrateAsync(cancel);
        }

        return missing;
    }

    /// <summary>Applies exactly the migrations of a backup to an empty database.</summary>
    /// <exception cref="UnsupportedSchemaException">The backup is from a newer version or from a version before 0.1.0, or the database is newer.</exception>
    public async Task MigrateToAsync(IReadOnlyList<string> migrations, CancellationToken cancel)
    {
        await using var context = await contexts.CreateDbContextAsync(cancel);
        var known = Known(context);
        if (migrations.Count == 0 || !migrations.SequenceEqual(known.Take(migrations.Count), StringComparer.Ordinal))
        {
            throw new UnsupportedSchemaException(
                migrations.Any(m => IsBefore(m, known))
                    ? "The backup was made by a development version before 0.1.0 and can be restored by that version only."
                    : "The backup was made by a newer version of Wombat; restore it with that version."
            );
        }

        if ((await AppliedAsync(cancel)).Except(migrations, StringComparer.Ordinal).FirstOrDefault() is { } later)
        {
            throw new UnsupportedSchemaException(
                $"The database has the migration {later}, which the backup does not have. Use an empty database."
            );
        }

        await context.Database.MigrateAsync(migrations[^1], cancel);
    }

    private static List<string> Known(WombatDbContext context) => [.. context.GetService<IMigrationsAssembly>().Migrations.Keys];

    // A migration id starts with the time of its creation.
    private static bool IsBefore(string migration, List<string> known) => string.CompareOrdinal(migration, known[0]) < 0;

    // A direct query, because EF Core would build and compare the whole model at every start.
    private async Task<List<string>> AppliedAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand("""select "MigrationId" from "__EFMigrationsHistory" """);
        var ids = new List<string>();
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                ids.Add(reader.GetString(0));
            }
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // An empty database.
        }

        return ids;
    }
}
