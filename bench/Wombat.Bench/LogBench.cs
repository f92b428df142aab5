using System.Diagnostics;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>
/// A program prints a million lines of 100 bytes as fast as it can. Wombat stores them as a job's log while a client follows it; the
/// baseline is a loop that copies blocks of the same lines into PostgreSQL and reads them back. Both sides check that each line arrives
/// once, complete and in order.
/// </summary>
internal static class LogBench
{
    public const int Lines = 1_000_000;

    /// <summary>Prints numbered lines of 99 bytes and a line feed.</summary>
    public const string Emit = "seq -f '%010.0f xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'";

    private const int Rounds = 3;
    private const double Mebi = 1024 * 1024;
    private const double MemoryLimitMiB = 100;

    public static async Task RunAsync()
    {
        await using var bench = await BenchmarkEnvironment.StartAsync();
        var database = await bench.DatabaseAsync("logs");
        var data = Path.Combine(bench.Folder, "logs-data");
        Directory.CreateDirectory(data);
        var cli = $$"""
            case "$*" in *--template\ flood*) {{Emit}} 1 {{Lines}} >&2;; esac
            echo '{"id":"1","status":"running"}'
            """;
        var environment = new Dictionary<string, string>(BenchmarkEnvironment.Environment(database), StringComparer.Ordinal)
        {
            ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "true",
            ["WOMBAT_PLUGINS_PROXMOX_CLI_PATH"] = ScriptedCli.Write(data, "cli", cli),
            ["WOMBAT_JOBS_LOG_MAX_MIB"] = "1000",
        };
        await using var wombat = WombatProcess.Start(data, environment);
        using var client = await wombat.ReadyAsync(data);
        var project = await client.CreateProjectAsync();
        await FollowAsync(client, project);
        var idle = wombat.ResidentBytes;
        var (ours, limit, highest) = (new List<double>(), new List<double>(), 0L);
        await using var copy = await CopyLoop.CreateAsync(bench);
        await copy.RunAsync();
        for (var round = 0; round < Rounds; round++)
        {
            using var stop = new CancellationTokenSource();
            var watching = WatchAsync(wombat, stop.Token);
            ours.Add(await FollowAsync(client, project));
            await stop.CancelAsync();
            highest = Math.Max(highest, await watching);
            limit.Add(await copy.RunAsync());
            Report.Note($"round {round + 1}: Wombat {ours[^1]:F0} lines/s, copy loop {limit[^1]:F0} lines/s");
        }

        Report.Line("logs-stored-and-followed", Report.Median(ours), Report.Median(limit), "/s");
        Report.Line("logs-memory-above-idle", (highest - idle) / Mebi, MemoryLimitMiB, "MB");
        await using var source = NpgsqlDataSource.Create(database);
        await LogSearchBench.RunAsync(
            client,
            async sql =>
            {
                await using var command = source.CreateCommand(sql);
                await command.ExecuteScalarAsync();
            }
        );
    }

    /// <summary>Lines per second from the request until the follower has the end of the log.</summary>
    private static async Task<double> FollowAsync(WombatClient client, string project)
    {
        var from = Stopwatch.GetTimestamp();
        var (_, job) = await client.CreateContainerAsync(project, "flood");
        await ReadAsync(client, job, new LineCheck());
        return Lines / Stopwatch.GetElapsedTime(from).TotalSeconds;
    }

    /// <summary>Follows the log of a job to its end.</summary>
    /// <exception cref="InvalidOperationException">A line is missing, cut, or out of order.</exception>
    public static async Task ReadAsync(WombatClient client, string job, LineCheck check)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{job}/log");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[1024 * 1024];
        var (length, read) = (0, 0);
        while ((read = await stream.ReadAsync(buffer.AsMemory(length))) > 0)
        {
            length += read;
            var end = buffer.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
            check.AddJson(buffer.AsSpan(0, end));
            buffer.AsSpan(end, length - end).CopyTo(buffer);
            length -= end;
        }

        check.EnsureComplete();
    }

    /// <summary>The highest resident memory until the watch is stopped.</summary>
    public static async Task<long> WatchAsync(WombatProcess wombat, CancellationToken stop)
    {
        var highest = 0L;
        while (!stop.IsCancellationRequested)
        {
            highest = Math.Max(highest, wombat.ResidentBytes);
            await Task.Delay(50, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return highest;
    }
}
