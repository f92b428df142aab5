using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wombat.Infrastructure.Audit;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Notifications;
using Wombat.Infrastructure.Persistence;
using Wombat.Infrastructure.Tests.Background;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Audit;

public sealed class EventSequencerTests
{
    private TestFolder folder = null!;
    private NpgsqlDataSource database = null!;
    private PostgresNotificationBus bus = null!;
    private AuditKey key = null!;
    private EventSequencer sequencer = null!;

    [SetUp]
    public async Task Start()
    {
        folder = new TestFolder();
        var connectionString = await SharedPostgres.NewDatabaseAsync();
        await using var context = new WombatDbContext(new DbContextOptionsBuilder<WombatDbContext>().UseNpgsql(connectionString).Options);
        await context.Database.MigrateAsync();
        database = NpgsqlDataSource.Create(connectionString);
        var none = new Dictionary<string, string>(StringComparer.Ordinal);
        var settings = WombatSettings.Read(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_DATA_DIR"] = folder.Path },
            none
        );
        var loop = TestLoop.Create(database);
        bus = new PostgresNotificationBus(database, TimeProvider.System, loop);
        key = new AuditKey(settings);
        var maintenance = new AuditMaintenance(
            database,
            key,
            new AuditHeads(database, key),
            settings,
            TimeProvider.System,
            NullLogger<AuditMaintenance>.Instance
        );

        // As at the start of Wombat: a partition that is created later waits for open transactions.
        await maintenance.EnsurePartitionsAsync(default);
        sequencer = new EventSequencer(new LeaderElection(database, loop, NullLogger<LeaderElection>.Instance), loop, bus, maintenance);
    }

    [TearDown]
    public async Task Stop()
    {
        await sequencer.StopAsync(default);
        sequencer.Dispose();
        bus.Dispose();
        key.Dispose();
        await database.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task Run_WhenEventsWereWrittenBeforeTheStart_AssignsPositionsInOrderOfIds()
    {
        await WriteAsync("first");
        await WriteAsync("second");
        await sequencer.StartAsync(default);

        Assert.That(await PositionsAsync(2), Is.EqualTo("1 first, 2 second"));
    }

    [Test]
    public async Task Run_WhenATransactionIsOpen_DelaysOnlyItsEvents()
    {
        await sequencer.StartAsync(default);
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await WriteAsync("early", connection);
        await WriteAsync("late");
        Assert.That(await PositionsAsync(1), Is.EqualTo("1 late"));

        await transaction.CommitAsync();
        Assert.That(await PositionsAsync(2), Is.EqualTo("1 late, 2 early"));
    }

    [Test]
    public async Task Run_WhenATransactionRollsBack_LeavesNoGap()
    {
        await sequencer.StartAsync(default);
        await using (var connection = await database.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await WriteAsync("undone", connection);
        }

        await WriteAsync("kept");
        Assert.That(await PositionsAsync(1), Is.EqualTo("1 kept"));
    }

    [Test]
    public async Task Run_WhenTheConnectionOfTheLeaderBreaks_Continues()
    {
        await sequencer.StartAsync(default);
        await WriteAsync("before");
        await PositionsAsync(1);
        await database.ExecuteAsync(
            $"""
            select pg_terminate_backend(pid) from pg_locks
            where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
            """,
            default
        );
        await WriteAsync("after");

        Assert.That(await PositionsAsync(2), Is.EqualTo("1 before, 2 after"));
    }

    private Task WriteAsync(string action) => database.ExecuteAsync(Insert(action), default);

    private static Task WriteAsync(string action, NpgsqlConnection connection) => connection.ExecuteAsync(Insert(action), default);

    private static SqlText Insert(string action) =>
        Sql(
            $"""
            insert into events (id, at, actor, through, action, target_type, target_id, outcome)
            values (uuidv7(), now(), 'a', 't', {action}, 't', uuidv7(), 'success')
            """
        );

    private static SqlText Sql(SqlText text) => text;

    private async Task<string> PositionsAsync(int count)
    {
        await Eventually.UntilAsync(
            async () => await database.ScalarAsync<long>($"select count(*) from event_positions", default) >= count,
            $"{count} positions"
        );
        return string.Join(
            ", ",
            await database.QueryAsync(
                $"select p.position, e.action from event_positions p join events e on e.id = p.event_id order by p.position",
                r => $"{r.GetInt64(0)} {r.GetString(1)}",
                default
            )
        );
    }
}
