using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Persistence;
using Wombat.Infrastructure.Tests.Background;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Persistence;

public sealed class DatabaseClockTests
{
    private static readonly TimeSpan Near = TimeSpan.FromSeconds(5);

    private readonly MachineClock machine = new();
    private NpgsqlDataSource database = null!;
    private DatabaseClock clock = null!;

    [SetUp]
    public async Task Start()
    {
        machine.Off = TimeSpan.Zero;
        database = NpgsqlDataSource.Create(await SharedPostgres.NewDatabaseAsync());
        clock = new DatabaseClock(machine, NullLogger<DatabaseClock>.Instance);
    }

    [TearDown]
    public async Task Stop() => await database.DisposeAsync();

    [TestCase(1)]
    [TestCase(-1)]
    [TestCase(24 * 400)]
    public async Task Set_WhenTheMachinesClockIsWrong_UsesTheDatabasesTime(int hours)
    {
        machine.Off = TimeSpan.FromHours(hours);
        await SetAsync();

        Assert.That(clock.GetUtcNow(), Is.EqualTo(TimeProvider.System.GetUtcNow()).Within(Near));
    }

    [Test]
    public async Task Set_WhenTheMachinesClockIsCorrected_UsesItAgain()
    {
        machine.Off = TimeSpan.FromHours(1);
        await SetAsync();
        machine.Off = TimeSpan.Zero;
        await SetAsync();

        Assert.That(clock.GetUtcNow(), Is.EqualTo(TimeProvider.System.GetUtcNow()).Within(Near));
    }

    [Test]
    public async Task Run_WhenTheMachinesClockJumps_FollowsTheDatabase()
    {
        await SetAsync();
        using var synchronizer = new ClockSynchronizer(clock, database, TestLoop.Create(database), TimeSpan.FromMilliseconds(20));
        await synchronizer.StartAsync(default);
        machine.Off = TimeSpan.FromDays(30);
        await Eventually.UntilAsync(
            () => clock.GetUtcNow() < TimeProvider.System.GetUtcNow() + Near,
            "the clock follows the database again"
        );

        await synchronizer.StopAsync(default);
    }

    [Test]
    public async Task Set_WhenTheDifferenceIsSmall_KeepsTheMachinesTime()
    {
        await using var connection = await database.OpenConnectionAsync();
        machine.Frozen = TimeProvider.System.GetUtcNow();
        await clock.SetAsync(connection, default);

        Assert.That(clock.GetUtcNow(), Is.EqualTo(machine.Frozen).Within(TimeSpan.FromMicroseconds(1)));
        Assert.That(clock.GetUtcNow().Ticks % TimeSpan.TicksPerMicrosecond, Is.Zero, "the precision of PostgreSQL");
    }

    private async Task SetAsync()
    {
        await using var connection = await database.OpenConnectionAsync();
        await clock.SetAsync(connection, default);
    }

    private sealed class MachineClock : TimeProvider
    {
        public TimeSpan Off { get; set; }

        public DateTimeOffset? Frozen { get; set; }

        public override DateTimeOffset GetUtcNow() => Frozen ?? (System.GetUtcNow() + Off);
    }
}
