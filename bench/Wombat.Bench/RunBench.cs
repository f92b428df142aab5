using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>
/// Runs of commands: latency and speed of their logs, the time to the first line, the search in a log, many runs at once,
/// many hosts, the history, and the search over all logs.
/// The numbers of lines and runs are multiplied by the variable SCALE, for trials.
/// </summary>
internal static class RunBench
{
    private const int Rounds = 3;
    private const int Echoes = 50;
    private const double FirstLineAim = 60;
    private const double MemoryLimitMiB = 100;
    private const double Mebi = 1024 * 1024;

    private static readonly string[] All = ["latency", "many", "first-line", "flood", "hosts", "history", "search"];
    private static readonly double Scale = double.Parse(Environment.GetEnvironmentVariable("SCALE") ?? "1", CultureInfo.InvariantCulture);

    /// <param name="parts">Some of the parts; none for all.</param>
    public static async Task RunAsync(string[] parts)
    {
        var chosen = parts.Length == 0 ? All : parts;
        await using var bench = await BenchmarkEnvironment.StartAsync();
        if (chosen.Any(p => p is not ("history" or "search")))
        {
            await MeasureAsync(bench, chosen);
        }

        if (chosen.Contains("history"))
        {
            await RunHistoryBench.RunAsync(bench);
        }

        if (chosen.Contains("search"))
        {
            await RunSearchBench.RunAsync(bench);
        }
    }

    /// <summary>A number of lines, runs or seconds in proportion to the scale.</summary>
    public static int Scaled(int count) => Math.Max(1, (int)(count * Scale));

    private static async Task MeasureAsync(BenchmarkEnvironment bench, string[] chosen)
    {
        var database = await bench.DatabaseAsync("runs");
        var data = Path.Combine(bench.Folder, "runs");
        var environment = new Dictionary<string, string>(BenchmarkEnvironment.Environment(database), StringComparer.Ordinal)
        {
            ["WOMBAT_JOBS_LOG_MAX_MIB"] = "1000",
            ["WOMBAT_RATE_LIMIT_STREAMS"] = "1000",

            // One user holds at most three quarters of the slots, and runs without a project less than half.
            ["WOMBAT_JOBS_CONCURRENCY"] = "256",
        };
        await using var wombat = WombatProcess.Start(data, environment);
        using var client = await wombat.ReadyAsync(data);
        foreach (var part in chosen)
        {
            await (
                part switch
                {
                    "latency" => RunLatencyBench.RunAsync(client),
                    "many" => RunLatencyBench.RunManyAsync(client),
                    "first-line" => MeasureFirstLineAsync(client),
                    "flood" => FloodAsync(bench, wombat, client, database),
                    "hosts" => RunHostsBench.RunAsync(client, data),
                    "history" or "search" => Task.CompletedTask,
                    _ => throw new InvalidOperationException($"{part} is none of {string.Join(", ", All)}."),
                }
            );
        }
    }

    /// <summary>The time from the request of a run until a follower has the first line of its program.</summary>
    private static async Task MeasureFirstLineAsync(WombatClient client)
    {
        var command = await BenchRuns.CreateAsync(client, "echo", ["echo", "hello"]);
        var times = new List<double>();
        for (var i = 0; i < Echoes + (Echoes / 5); i++)
        {
            var from = Stopwatch.GetTimestamp();
            var job = await BenchRuns.StartAsync(client, command);
            await foreach (var one in EventStreamReader.ReadAsync(client, $"{job}/log"))
            {
                if (one.Data.Contains("\"hello\"", StringComparison.Ordinal))
                {
                    times.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
                    break;
                }
            }

            await client.WaitForJobAsync(job);
        }

        // The first ones fill the caches and compile.
        times.RemoveRange(0, times.Count - Echoes);
        Report.Line("runs-first-line-p50", Report.Quantile(times, 0.5), FirstLineAim, "ms");
        Report.Line("runs-first-line-p99", Report.Quantile(times, 0.99), FirstLineAim, "ms");
    }

    /// <summary>A program that prints as fast as it can, stored and followed, beside a bare writer of blocks with a reader.</summary>
    private static async Task FloodAsync(BenchmarkEnvironment bench, WombatProcess wombat, WombatClient client, string database)
    {
        var lines = Scaled(LogBench.Lines);
        var command = await BenchRuns.CreateAsync(client, "flood", ["sh", "-c", $"{LogBench.Emit} 1 {lines}"]);
        await using var copy = await CopyLoop.CreateAsync(bench, lines);
        await FollowAsync(client, command, lines);
        await copy.RunAsync();
        var (idle, highest) = (wombat.ResidentBytes, 0L);
        var (ours, limit) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            using var stop = new CancellationTokenSource();
            var watching = LogBench.WatchAsync(wombat, stop.Token);
            ours.Add(await FollowAsync(client, command, lines));
            await stop.CancelAsync();
            highest = Math.Max(highest, await watching);
            limit.Add(await copy.RunAsync());
            Report.Note($"round {round + 1}: Wombat {ours[^1]:F0} lines/s, block writer {limit[^1]:F0} lines/s");
        }

        Report.Line("runs-stored-and-followed", Report.Median(ours), Report.Median(limit), "/s");
        Report.Line("runs-memory-above-idle", (highest - idle) / Mebi, MemoryLimitMiB, "MB");
        await using var source = NpgsqlDataSource.Create(database);
        await LogSearchBench.RunAsync(
            client,
            async sql =>
            {
                await using var statement = source.CreateCommand(sql);
                await statement.ExecuteScalarAsync();
            },
            "runs",
            lines
        );
    }

    // Lines per second from the request of the run until the follower has the end of the log.
    private static async Task<double> FollowAsync(WombatClient client, string command, int lines)
    {
        var from = Stopwatch.GetTimestamp();
        await LogBench.ReadAsync(client, await BenchRuns.StartAsync(client, command), new LineCheck(lines, "stdout"));
        return lines / Stopwatch.GetElapsedTime(from).TotalSeconds;
    }
}
