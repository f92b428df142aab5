using System.Text;
using Npgsql;
using Wombat.Domain.Containers;
using Wombat.Infrastructure.Jobs;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Metrics;

/// <summary>Metrics read from the database; without it only that it is unavailable.</summary>
internal sealed class DatabaseMetrics(NpgsqlDataSource database, JobStore jobs, ContainerUsageMetrics containers)
{
    // Events that have no position yet.
    private const string LagSql = """
        select count(*), coalesce(extract(epoch from clock_timestamp() - min(fresh.at)), 0)::float8 from (
            select e.at from event_sequencer s, events e where e.xid >= s.next_xid
            union all
            select e.at from event_sequencer s cross join lateral unnest(s.open_xids) as open(xid) join events e on e.xid = open.xid) fresh
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    public async Task AppendAsync(StringBuilder text, CancellationToken cancel)
    {
        var found = new StringBuilder();
        var isUp = 1;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(Limit);
            await JobsAsync(found, limit.Token);
            await ResourcesAsync(found, limit.Token);
            await OrphansAsync(found, limit.Token);
            await containers.AppendAsync(found, limit.Token);
            await BackupsAsync(found, limit.Token);
            await SequencerAsync(found, limit.Token);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            isUp = 0;
            found.Clear();
        }

        text.Metric("wombat_database_up", "gauge", "1 if the database answers within 2 s. The metrics below come from the database.", isUp)
            .Append(found);
    }

    private async Task JobsAsync(StringBuilder text, CancellationToken cancel)
    {
        var (byState, oldest) = await jobs.MeasureAsync(cancel);
        text.Describe("wombat_jobs", "gauge", "Waiting and running jobs, by state.");
        foreach (var (state, count) in byState)
        {
            text.Value("wombat_jobs", count, $"state=\"{state}\"");
        }

        text.Metric("wombat_jobs_oldest_seconds", "gauge", "Age of the oldest job that is ready to run.", oldest);
    }

    private async Task ResourcesAsync(StringBuilder text, CancellationToken cancel)
    {
        var counts = await database.QueryAsync(
            $"select kind, status, count(*) from resources where status <> 'deleted' group by kind, status order by kind, status",
            r => (Kind: r.GetString(0), Status: r.GetString(1), Count: r.GetInt64(2)),
            cancel
        );
        text.Describe("wombat_resources", "gauge", "Resources, by kind and status.");
        counts.ForEach(c => text.Value("wombat_resources", c.Count, $"kind=\"{c.Kind}\",status=\"{c.Status}\""));
        text.Describe("wombat_containers", "gauge", "Containers, by status.");
        foreach (var (_, status, count) in counts.Where(c => c.Kind == Container.KindName))
        {
            text.Value("wombat_containers", count, $"status=\"{status}\"");
        }
    }

    private async Task OrphansAsync(StringBuilder text, CancellationToken cancel)
    {
        var counts = await database.QueryAsync(
            $"select plugin, count(*) from orphans where confirmed_at is not null group by plugin order by plugin",
            r => (Plugin: r.GetString(0), Count: r.GetInt64(1)),
            cancel
        );
        text.Describe("wombat_orphans", "gauge", "Containers that plugins have and that no entry manages, by plugin.");
        counts.ForEach(c => text.Value("wombat_orphans", c.Count, $"plugin=\"{c.Plugin}\""));
    }

    private async Task BackupsAsync(StringBuilder text, CancellationToken cancel)
    {
        var found = await database.QueryAsync(
            $"""
            select coalesce(extract(epoch from max(clock_timestamp() - coalesce(last_restorable_at, created_at))), 0)::float8,
                count(*) filter (where backup_overdue_since is not null)
            from resources
            where kind = 'database' and status in ('ready', 'degraded') and spec -> 'settings' ->> 'backup_schedule' is not null
            """,
            r => (Age: r.GetDouble(0), Overdue: r.GetInt64(1)),
            cancel
        );
        text.Metric(
            "wombat_databases_backup_age_seconds",
            "gauge",
            "Age of the last time that can be restored, of the database for which it is the oldest; tiers without backups are left out.",
            Math.Max(0, found[0].Age)
        );
        text.Metric("wombat_databases_backup_overdue", "gauge", "Databases that lack a backup of their schedule.", found[0].Overdue);
    }

    private async Task SequencerAsync(StringBuilder text, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(LagSql);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        text.Metric("wombat_events_unsequenced", "gauge", "Events without a position.", reader.GetInt64(0));
        text.Metric(
            "wombat_event_sequencer_lag_seconds",
            "gauge",
            "Age of the oldest event without a position.",
            Math.Max(0, reader.GetDouble(1))
        );
    }
}
