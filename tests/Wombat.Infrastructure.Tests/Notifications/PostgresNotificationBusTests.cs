using Npgsql;
using Wombat.Application.Common;
using Wombat.Infrastructure.Notifications;
using Wombat.Infrastructure.Persistence;
using Wombat.Infrastructure.Tests.Background;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Notifications;

public sealed class PostgresNotificationBusTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(25);

    private NpgsqlDataSource database = null!;
    private PostgresNotificationBus here = null!;
    private PostgresNotificationBus there = null!;

    [SetUp]
    public async Task Start()
    {
        database = NpgsqlDataSource.Create(await SharedPostgres.NewDatabaseAsync());
        here = new PostgresNotificationBus(database, TimeProvider.System, TestLoop.Create(database));
        there = new PostgresNotificationBus(database, TimeProvider.System, TestLoop.Create(database));
        await here.StartAsync(default);
    }

    [TearDown]
    public async Task Stop()
    {
        await here.StopAsync(default);
        await there.StopAsync(default);
        here.Dispose();
        there.Dispose();
        await database.DisposeAsync();
    }

    [Test]
    public async Task Publish_WithinTheProcess_WakesTheSubscribersOfTheTopicOnly()
    {
        using var subscribed = there.Subscribe("a");
        using var other = there.Subscribe("b");
        there.Publish("a");

        Assert.That(await IsSetAsync(subscribed), Is.True);
        Assert.That(await IsSetAsync(other), Is.False);
    }

    [Test]
    public async Task Publish_BeforeTheWait_IsRememberedOnce()
    {
        using var subscribed = there.Subscribe("a");
        there.Publish("a");
        there.Publish("a");

        Assert.That(await IsSetAsync(subscribed), Is.True);
        Assert.That(await IsSetAsync(subscribed), Is.False);
    }

    [Test]
    public async Task Publish_InAnotherReplica_WakesTheSubscribersHere()
    {
        await JoinAsync();
        using var subscribed = here.Subscribe("a");
        there.Publish("a");

        Assert.That(await WakesAsync(subscribed), Is.True);
    }

    [Test]
    public async Task Listen_WhenTheConnectionBroke_WakesAllSubscribers()
    {
        await JoinAsync();
        using var subscribed = here.Subscribe("a");
        await database.ExecuteAsync(
            $"select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %' and datname = current_database()",
            default
        );

        Assert.That(await WakesAsync(subscribed), Is.True, "a notification may have been missed");
        using var later = here.Subscribe("b");
        there.Publish("b");
        Assert.That(await WakesAsync(later), Is.True, "the bus listens again");
    }

    [Test]
    public async Task Dispose_OfASubscription_LeavesTheOthers()
    {
        var first = there.Subscribe("a");
        using var second = there.Subscribe("a");
        first.Dispose();
        there.Publish("a");

        Assert.That(await IsSetAsync(second), Is.True);
        Assert.That(await IsSetAsync(first), Is.False);
    }

    // Each replica answers the other's presence by waking all of its subscribers.
    private async Task JoinAsync()
    {
        using var joinedHere = here.Subscribe("join");
        using var joinedThere = there.Subscribe("join");
        await there.StartAsync(default);
        Assert.That(await WakesAsync(joinedThere), Is.True);
        Assert.That(await WakesAsync(joinedHere), Is.True);

        // What arrives there was sent by one that knows of it, and lets it know of the sender.
        using var probe = there.Subscribe("probe");
        do
        {
            here.Publish("probe");
        } while (!await IsSetAsync(probe, TimeSpan.FromMilliseconds(50)));
    }

    private static Task<bool> WakesAsync(INotificationSubscription subscription) => IsSetAsync(subscription, Long);

    private static async Task<bool> IsSetAsync(INotificationSubscription subscription, TimeSpan? atMost = null)
    {
        using var limit = new CancellationTokenSource();
        var waiting = subscription.WaitAsync(Timeout.InfiniteTimeSpan, limit.Token);
        limit.CancelAfter(atMost ?? TimeSpan.Zero);
        await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return waiting.IsCompletedSuccessfully;
    }
}
