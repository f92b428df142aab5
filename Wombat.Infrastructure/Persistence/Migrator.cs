using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace Wombat.Infrastructure.Persistence;

/// <summary>
/// Brings the database to this version. Each migration is one transaction, so a killed process leaves none half done; replicas that
/// start together wait for each other.
/// </summary>
public sealed class Migrator(IDbContextFactory<WombatDbContext> contexts, NpgsqlDataSource database)
{
    /// <summary>The number of migrations that were applied.</summary>
    /// <exception cref="UnsupportedSchemaException">The database is of a newer version, or of one before 0.1.0.</exception>
    public async Task<int> MigrateAsync(CancellationToken cancel)
    {
        await using var context = await contexts.CreateDbContextAsync(cancel);
        var known = Known(context);
        var applied = await AppliedAsync(cancel);
        if (applied.Except(known, StringComparer.Ordinal).FirstOrDefault() is { } foreign)
        {
            throw new UnsupportedSchemaException(
                IsBefore(foreign, known)
                    ? $"The database was created by a development version before 0.1.0 (migration {foreign}). It cannot be upgraded: use an empty database or data directory, or run that version again."
                    : $"The database is of a newer version of Wombat (migration {foreign}). Use that version, or restore a backup into an empty database."
            );
        }

        var missing = known.Count - applied.Count;
        if (missing > 0)
        {
            // A table of millions may be rewritten.
            context.Database.SetCommandTimeout(0);
            await context.Database.MigrateAsync(cancel);
        }

        return missing;
    }

    /// <summary>Brings an empty database to the state after the migrations of a backup and no other.</summary>
    /// <exception cref="UnsupportedSchemaException">The backup is of a newer version or of one before 0.1.0, or the database is newer.</exception>
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
                $"The database has the migration {later}, which the backup does not have. Use a database without tables."
            );
        }

        await context.Database.MigrateAsync(migrations[^1], cancel);
    }

    private static List<string> Known(WombatDbContext context) => [.. context.GetService<IMigrationsAssembly>().Migrations.Keys];

    // An id begins with the time at which the migration was scaffolded.
    private static bool IsBefore(string migration, List<string> known) => string.CompareOrdinal(migration, known[0]) < 0;

    // Asking directly spares EF Core's look at the whole model at every start.
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
