using Microsoft.Extensions.Hosting;
using Npgsql;
using Wombat.Application.Common;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Audit;

/// <summary>
/// Assigns positions to committed events. The table stores the snapshot of the last pass. New events are those that this pass's
/// snapshot shows and the last one did not: events of transactions that started since, and of those that were in progress then. So
/// an open transaction delays only its own events. Each event also gets its hash in the audit chain here, because a chain in the
/// writers' transactions would serialize them.
/// </summary>
public sealed class EventSequencer(
    LeaderElection leaderElection,
    BackgroundLoop loop,
    INotificationBus notifications,
    AuditMaintenance maintenance
) : BackgroundService
{
    // A pass processes all events without a position, about 30 µs each. After a timeout the next pass gets more time; otherwise a backlog
    // would never end. The first timeout is short, because only the timeout detects a connection that died silently.
    private const int MinCommandTimeoutSeconds = 30;
    private const int MaxCommandTimeoutSeconds = 7200;

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly LoopOptions MaintenanceOptions = new("audit maintenance", TimeSpan.FromMinutes(1));

    // The delay before a pass under load, so that a pass processes several events: a pass per event would cost PostgreSQL more than the
    // events.
    private static readonly TimeSpan BatchDelay = TimeSpan.FromMilliseconds(8);

    // One statement at repeatable read, so that pg_current_snapshot() is the snapshot with which the statement reads.
    private const string StampSql = """
        with last as materialized (select position, hash, next_xid, open_xids from event_sequencer),
        now as materialized (select pg_current_snapshot() as snapshot),
        fresh as materialized (
            select e.id, e.project_id, event_digest(e) as digest from last, events e where e.xid >= last.next_xid
            union all
            select e.id, e.project_id, event_digest(e) from last cross join lateral unnest(last.open_xids) as open(xid)
                join events e on e.xid = open.xid
        ),
        placed as materialized (select last.position + row_number() over (order by fresh.id) as position, fresh.*,
            last.hash as previous from last, fresh),
        stamped as (
            insert into event_positions (position, event_id, project_id, hash)
            select position, id, project_id, event_chain(previous, position, digest) over (order by position) from placed
                returning position, hash
        )
        update event_sequencer set position = event_sequencer.position + (select count(*) from stamped),
            hash = (select hash from stamped order by position desc limit 1), next_xid = pg_snapshot_xmax(now.snapshot),
                open_xids = array(select pg_snapshot_xip(now.snapshot))
        from now where exists (select 1 from fresh)
        """;

    // After a restore from a dump the cluster's transaction ids may be lower than those in the dump. Then events without a position
    // are found by a join once, and the old transaction ids are reset.
    private const string RepairSql = """
        with restored as materialized (select pg_snapshot_xmax(pg_current_snapshot()) as next_xid from event_sequencer
            where next_xid > pg_snapshot_xmax(pg_current_snapshot())),
        unstamped as materialized (
            select s.position + row_number() over (order by e.id) as position, e.id, e.project_id, event_digest(e) as digest,
                s.hash as previous
            from restored, event_sequencer s, events e where not exists (select 1 from event_positions p where p.event_id = e.id)
        ),
        stamped as (
            insert into event_positions (position, event_id, project_id, hash)
            select position, id, project_id, event_chain(previous, position, digest) over (order by position) from unstamped
                returning position, hash
        ),
        settled as (update events e set xid = '0' from restored where e.xid >= restored.next_xid)
        update event_sequencer set position = event_sequencer.position + (select count(*) from stamped),
            hash = coalesce((select hash from stamped
                order by position desc limit 1), event_sequencer.hash), next_xid = restored.next_xid, open_xids = '{}' from restored
        """;

    private int commandTimeoutSeconds = MinCommandTimeoutSeconds;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        leaderElection.RunAsync("event sequencer", AdvisoryLock.EventSequencer, LeadAsync, stoppingToken);

    private async Task LeadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        using var events = notifications.Subscribe(Topics.Events);
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var maintaining = Task.CompletedTask;
        try
        {
            await ExecuteAsync(connection, "set session characteristics as transaction isolation level repeatable read", cancel);

            // Otherwise the planner estimates "xid >= x" as a third of the table and scans all events.
            await GenericPlanConnection.SetAsync(connection, cancel);
            await ExecuteAsync(connection, RepairSql, cancel);
            await using var stamp = new NpgsqlCommand(StampSql, connection) { CommandTimeout = commandTimeoutSeconds };
            await stamp.PrepareAsync(cancel);
            maintaining = loop.RunAsync(MaintenanceOptions, maintenance.RunDailyAsync, leading.Token);
            while (true)
            {
                var stamped = await stamp.ExecuteNonQueryAsync(cancel);
                stamp.CommandTimeout = commandTimeoutSeconds = MinCommandTimeoutSeconds;
                if (stamped > 0)
                {
                    notifications.Publish(Topics.Positions);
                    await Task.Delay(BatchDelay, cancel);
                }

                await events.WaitAsync(PollInterval, cancel);
            }
        }
        catch (NpgsqlException e) when (e.InnerException is TimeoutException)
        {
            commandTimeoutSeconds = Math.Min(4 * commandTimeoutSeconds, MaxCommandTimeoutSeconds);
            throw;
        }
        finally
        {
            await leading.CancelAsync();
            await maintaining;

            // The pool does not reset the connection's session settings.
            NpgsqlConnection.ClearPool(connection);
        }
    }

    private async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = commandTimeoutSeconds };
        await command.ExecuteNonQueryAsync(cancel);
    }
}
