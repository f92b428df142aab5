using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>
/// The time from the answer to a commit until the event stream has the event, beside 31 writers and a transaction that stays open for a
/// minute. The baseline is PostgreSQL's NOTIFY, from the commit to a listener in the same process, at the same time.
/// </summary>
internal static partial class EventBench
{
    private const int Seconds = 60;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task RunAsync()
    {
        await using var bed = await BenchmarkEnvironment.StartAsync();
        var database = await bed.DatabaseAsync("events");
        await BenchmarkEnvironment.SeedAsync(database, 10_000);
        var data = Path.Combine(bed.Folder, "events");
        await using var wombat = WombatProcess.Start(data, BenchmarkEnvironment.Environment(database));
        using var client = await wombat.ReadyAsync(data);
        Task<Load> WriteAsync(int seconds) => Wrk.PostAsync(bed, database, client, seconds, ("DELAY", "40"), ("CONNECTIONS", "31"));
        await WriteAsync(Wrk.WarmUp);

        await using var source = NpgsqlDataSource.Create(database);
        await using var sitter = await source.OpenConnectionAsync();
        await using var transaction = await sitter.BeginTransactionAsync();
        await using (
            var insert = new NpgsqlCommand(
                "insert into events (id, at, actor, through, action, target_type, target_id, outcome) "
                    + "values (uuidv7(), now(), 'sitter', 'bench', 'late.one', 'bench', uuidv7(), 'success')",
                sitter,
                transaction
            )
        )
        {
            await insert.ExecuteNonQueryAsync();
        }

        using var stop = new CancellationTokenSource();
        var (streamed, notified) = (new Arrivals(), new Arrivals());
        Task[] readers = [ReadStreamAsync(client, streamed, stop.Token), ListenAsync(source, notified, stop.Token)];
        var writers = WriteAsync(Seconds);
        for (var i = 0; !writers.IsCompleted; i++)
        {
            var made = await client.CreateProjectAsync($"probe-n{i}");
            streamed.Answered(made);
            await Task.Delay(Pause);
            await NotifyAsync(source, $"n{i}");
            notified.Answered($"n{i}");
            await Task.Delay(Pause);
        }

        await Task.Delay(TimeSpan.FromSeconds(1));
        await transaction.RollbackAsync();
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Report.Note(
            $"31 writers: {await writers}; {streamed.Delays.Count} probes, p50 {Report.Quantile(streamed.Delays, 0.5):F1} ms, "
                + $"notified {Report.Quantile(notified.Delays, 0.5):F1} ms"
        );
        Report.Line("events-commit-to-stream-p99", Report.Quantile(streamed.Delays, 0.99), Report.Quantile(notified.Delays, 0.99), "ms");
    }

    private static async Task ReadStreamAsync(WombatClient client, Arrivals arrivals, CancellationToken cancel)
    {
        try
        {
            var last = (await client.GetAsync("/api/v1/events?limit=1&sort=-position")).Body!["items"]![0]!["position"]!.ToString();
            await foreach (var one in EventStreamReader.ReadAsync(client, "/api/v1/events", last, cancel))
            {
                arrivals.Arrived(TargetRegex().Match(one.Data).Groups["id"].Value);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private static async Task ListenAsync(NpgsqlDataSource source, Arrivals arrivals, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        connection.Notification += (_, e) => arrivals.Arrived(e.Payload);
        await using (var listen = new NpgsqlCommand("listen bench", connection))
        {
            await listen.ExecuteNonQueryAsync(cancel);
        }

        try
        {
            while (true)
            {
                await connection.WaitAsync(cancel);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    // A write that costs a commit, like the one on the other side.
    private static async Task NotifyAsync(NpgsqlDataSource source, string name)
    {
        await using var command = source.CreateCommand(
            "with made as (insert into project_tags (tag, project_id) select $1, id from projects order by id limit 1 "
                + "returning tag) select pg_notify('bench', tag) from made"
        );
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        await command.ExecuteNonQueryAsync();
    }

    [GeneratedRegex("\"target_id\":\"(?<id>[0-9a-f-]{36})\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TargetRegex();

    /// <summary>When each event was answered and when it arrived. A stream may be ahead of the answer.</summary>
    private sealed class Arrivals
    {
        private readonly ConcurrentDictionary<string, long> answered = new(StringComparer.Ordinal),
            arrived = new(StringComparer.Ordinal);

        public List<double> Delays =>
            [
                .. answered
                    .Where(a => arrived.ContainsKey(a.Key))
                    .Select(a => Math.Max(0, Stopwatch.GetElapsedTime(a.Value, arrived[a.Key]).TotalMilliseconds)),
            ];

        public void Answered(string name) => answered[name] = Stopwatch.GetTimestamp();

        public void Arrived(string name) => arrived.TryAdd(name, Stopwatch.GetTimestamp());
    }
}
