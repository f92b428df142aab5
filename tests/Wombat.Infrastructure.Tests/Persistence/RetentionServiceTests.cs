using Npgsql;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Tests.Background;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Persistence;

public sealed class RetentionServiceTests
{
    private NpgsqlDataSource database = null!;

    [SetUp]
    public async Task Start() => database = NpgsqlDataSource.Create(await SharedPostgres.NewMigratedDatabaseAsync());

    [TearDown]
    public async Task Stop() => await database.DisposeAsync();

    [Test]
    public async Task Run_WhenRecordsHaveExpired_RemovesThem()
    {
        await ExecuteAsync(
            """
            insert into sign_in_failures (subject, failures, wait_until, last_at)
                values ('\x01', 1, now(), now() - interval '2 days'), ('\x02', 1, now(), now())
            """
        );
        var settings = WombatSettings.Read(new Dictionary<string, string>(), new Dictionary<string, string>());
        using var service = new RetentionService(database, settings, TimeProvider.System, TestLoop.Create(database));
        await service.DeleteExpiredAsync(default);

        Assert.That(await ScalarAsync("select string_agg(encode(subject, 'hex'), ' ') from sign_in_failures"), Is.EqualTo("02"));
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string?> ScalarAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (string?)await command.ExecuteScalarAsync();
    }
}
