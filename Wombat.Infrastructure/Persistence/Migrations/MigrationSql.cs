using System.Reflection;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Wombat.Infrastructure.Persistence.Migrations;

/// <summary>The part of a migration that EF Core's model cannot express: files of SQL, embedded as resources.</summary>
internal static class MigrationSql
{
    private const string Prefix = "Migrations.Sql.";

    /// <summary>Runs all files of the folder <c>Sql/<paramref name="migration"/></c> in the order of their names.</summary>
    /// <exception cref="InvalidOperationException">There are none.</exception>
    public static void RunSqlFiles(this MigrationBuilder builder, string migration)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var names = assembly
            .GetManifestResourceNames()
            .Where(n => n.StartsWith($"{Prefix}{migration}/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (names.Count == 0)
        {
            throw new InvalidOperationException($"The migration {migration} has no files of SQL.");
        }

        foreach (var name in names)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            builder.Sql(reader.ReadToEnd());
        }
    }
}
