using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Audit;

/// <summary>The sequencer after a database was restored into another PostgreSQL cluster.</summary>
public sealed class EventSequencerRestoreTests
{
    [Test]
    public async Task Run_AfterARestoreIntoANewCluster_AssignsPositions()
    {
        await using var server = await TestServer.StartAsync();
        await server.Client.CreateProjectAsync("before-dump");

        // The first event is the creation of the admin token.
        await WaitForPositionsAsync(server, 2);

        // A dump of an older cluster has transaction numbers that this cluster has not reached.
        await server.ExecuteAsync(
            "update events set xid = '900000000'; update event_sequencer set next_xid = '900000001', open_xids = '{}'"
        );
        await server.ExecuteAsync(
            "insert into events (id, at, actor, through, action, target_type, target_id, outcome, xid) "
                + $"values ('{Guid.NewGuid()}', now(), 'a', 't', 'x.y', 't', '{Guid.NewGuid()}', 'success', '900000002')"
        );
        await using var restarted = await RestartAsync(server);
        await WaitForPositionsAsync(restarted, 3);
        await restarted.Client.CreateProjectAsync("after-dump");
        await WaitForPositionsAsync(restarted, 4);
    }

    private static async Task<TestServer> RestartAsync(TestServer server)
    {
        await server.App.StopAsync();
        return await TestServer.StartAsync(share: server);
    }

    private static Task WaitForPositionsAsync(TestServer server, long count) =>
        Eventually.GetAsync(
            () => server.ScalarAsync<long>("select count(*) from event_positions")!,
            positions => positions == count,
            $"{count} events have a position"
        );
}
