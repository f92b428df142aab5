using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace Wombat.Infrastructure.Persistence;

/// <summary>Brings the database to this version. Each migration is one transaction, so a kill leaves none half done; replicas that start together wait for each other.</summary>
public sealed class Migrator(IDbContextFactory<WombatDbContext> contexts, NpgsqlDataSource database)
{
    /// <summary>The number of migrations that were applied.</summary>
    /// <exception cref="InvalidOperationException">The database is of a newer Wombat.</exception>
    public async Task<int> MigrateAsync(CancellationToken cancel)
    {
        await using var context = await contexts.CreateDbContextAsync(cancel);
        var known = context.GetService<IMigrationsAssembly>().Migrations.Keys.ToList();
        var applied = await AppliedAsync(cancel);
        if (applied.Except(known, StringComparer.Ordinal).FirstOrDefault() is { } foreign)
        {
            throw new InvalidOperationException(
                $"The database has the migration {foreign}, which this Wombat does not know: it is of a newer version."
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

    /// <summary>Brings an empty database to the state after these migrations and no other.</summary>
    /// <exception cref="InvalidOperationException">This Wombat does not know one of them, or the database has others.</exception>
    public async Task MigrateToAsync(IReadOnlyList<string> migrations, CancellationToken cancel)
    {
        await using var context = await contexts.CreateDbContextAsync(cancel);
        var known = context.GetService<IMigrationsAssembly>().Migrations.Keys.ToList();
        if (migrations.Count == 0 || !migrations.SequenceEqual(known.Take(migrations.Count), StringComparer.Ordinal))
        {
            throw new InvalidOperationException("The backup has migrations which this Wombat does not know: it is of a newer version.");
        }

        if ((await AppliedAsync(cancel)).Except(migrations, StringComparer.Ordinal).FirstOrDefault() is { } later)
        {
            throw new InvalidOperationException(
                $"The database has the migration {later}, which is newer than the backup. Use a database without tables."
            );
        }

        await context.Database.MigrateAsync(migrations[^1], cancel);
    }

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
