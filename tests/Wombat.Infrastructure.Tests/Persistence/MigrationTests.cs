using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wombat.Infrastructure.Persistence;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Persistence;

public sealed class MigrationTests
{
    private const string Earlier = "20261121091913_Initial";
    private const string Later = "29991231235959_Later";

    // Tables without rows, and the count of what only SQL creates.
    private const string SchemaSql = """
        select (select count(*) from pg_class where relnamespace = 'public'::regnamespace) || ' relations, '
            || (select count(*) from pg_proc where pronamespace = 'public'::regnamespace) || ' functions, '
            || (select count(*) from pg_trigger where not tgisinternal) || ' triggers'
        """;

    private string connectionString = null!;
    private NpgsqlDataSource database = null!;
    private ServiceProvider services = null!;

    [SetUp]
    public async Task Start()
    {
        connectionString = await SharedPostgres.NewDatabaseAsync();
        database = NpgsqlDataSource.Create(connectionString);
        services = new ServiceCollection().AddDbContextFactory<WombatDbContext>(o => o.UseNpgsql(connectionString)).BuildServiceProvider();
    }

    [TearDown]
    public async Task Stop()
    {
        await services.DisposeAsync();
        await database.DisposeAsync();
    }

    [Test]
    public async Task SqlFiles_WhenRunTwice_ChangeNothing()
    {
        await Migrator().MigrateAsync(default);
        var before = await ScalarAsync(SchemaSql);

        foreach (var file in SqlFiles())
        {
            await ScalarAsync(file);
        }

        Assert.That(await ScalarAsync(SchemaSql), Is.EqualTo(before));
        Assert.That(await ScalarAsync("select relkind::text from pg_class where relname = 'events'"), Is.EqualTo("p"));
    }

    [TestCase("Älteste", "äLTE")]
    [TestCase("Ada Straße", "STRASSE")]
    public async Task Search_WhenNamesAreNotAscii_IgnoresCase(string name, string term)
    {
        await Migrator().MigrateAsync(default);

        Assert.That(await ScalarAsync($"select search_matches('{name}', '{term}')::text"), Is.EqualTo("true"));
    }

    [TestCase(Earlier, "a development version before 0.1.0")]
    [TestCase(Later, "a newer version")]
    public async Task Migrate_WhenTheDatabaseIsOfAnotherVersion_IsRefused(string migration, string reason)
    {
        await ScalarAsync(
            $"""
            create table "__EFMigrationsHistory" ("MigrationId" text, "ProductVersion" text);
            insert into "__EFMigrationsHistory" values ('{migration}', '')
            """
        );

        Assert.That(() => Migrator().MigrateAsync(default), Throws.TypeOf<UnsupportedSchemaException>().With.Message.Contains(reason));
        Assert.That(
            await ScalarAsync("select count(*)::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"),
            Is.EqualTo("1"),
            "nothing is created"
        );
    }

    [TestCase(Earlier, "a development version before 0.1.0")]
    [TestCase(Later, "a newer version")]
    public void MigrateTo_WhenTheBackupIsOfAnotherVersion_IsRefused(string migration, string reason) =>
        Assert.That(
            () => Migrator().MigrateToAsync([migration], default),
            Throws.TypeOf<UnsupportedSchemaException>().With.Message.Contains(reason)
        );

    private static IEnumerable<string> SqlFiles()
    {
        var assembly = typeof(WombatDbContext).Assembly;
        var names = assembly
            .GetManifestResourceNames()
            .Where(n => n.StartsWith("Migrations.Sql.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
        Assert.That(names, Is.Not.Empty);
        return names.Select(n => new StreamReader(assembly.GetManifestResourceStream(n)!).ReadToEnd());
    }

    private Migrator Migrator() => new(services.GetRequiredService<IDbContextFactory<WombatDbContext>>(), database);

    private async Task<string?> ScalarAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync() as string;
    }
}
