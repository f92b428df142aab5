using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>Requests per second and p50 of the whole stack against the bare API, under wrk with 32 connections.</summary>
internal static partial class HttpBench
{
    private const int Rounds = 3;
    private static readonly int WarmUp = Setting("WOMBAT_BENCH_WARMUP", 15);
    private static readonly int Seconds = Setting("WOMBAT_BENCH_SECONDS", 8);

    public static async Task RunAsync()
    {
        await using var bed = await Bed.StartAsync();
        var (ours, theirs) = (await bed.DatabaseAsync("ours"), await bed.DatabaseAsync("theirs"));
        await Bed.SeedAsync(ours, 10_000);
        await Bed.SeedAsync(theirs, 10_000);
        var data = Path.Combine(bed.Folder, "ours");
        await using var wombat = WombatProcess.Start(data, Bed.Environment(ours));
        using var client = await wombat.ReadyAsync(data);
        var token = (await File.ReadAllTextAsync(Path.Combine(data, "admin-token"))).Trim();
        var (bare, barePort) = await Bed.StartBareAsync(theirs);
        try
        {
            foreach (var mode in new[] { "get", "list", "post" })
            {
                Task<Load> Ours(int seconds) => WrkAsync(bed, ours, mode, $"http://127.0.0.1:{wombat.Port}", "/api/v1", token, seconds);
                Task<Load> Bare(int seconds) => WrkAsync(bed, theirs, mode, $"http://127.0.0.1:{barePort}", "", "", seconds);
                await Ours(WarmUp);
                await Bare(WarmUp);
                var (mine, base_) = (new List<Load>(), new List<Load>());
                for (var round = 0; round < Rounds; round++)
                {
                    mine.Add(await Ours(Seconds));
                    base_.Add(await Bare(Seconds));
                    Report.Note($"{mode} round {round + 1}: ours {mine[^1]}, bare {base_[^1]}");
                }

                Report.Line($"http-{mode}-rate", Report.Median(mine.Select(m => m.Rate)), Report.Median(base_.Select(m => m.Rate)), "/s");
                Report.Line($"http-{mode}-p50", Report.Median(mine.Select(m => m.P50)), Report.Median(base_.Select(m => m.P50)), "ms");
            }
        }
        catch (InvalidOperationException)
        {
            Report.Note(wombat.Output);
            throw;
        }
        finally
        {
            bare.Kill();
        }
    }

    private static async Task<Load> WrkAsync(Bed bed, string database, string mode, string url, string prefix, string token, int seconds)
    {
        var ids = Path.Combine(bed.Folder, "ids");
        await using (var data = NpgsqlDataSource.Create(database))
        await using (var command = data.CreateCommand("select string_agg(id::text, E'\\n') from (select id from projects order by unix_name limit 2000) p"))
        {
            await File.WriteAllTextAsync(ids, (string)(await command.ExecuteScalarAsync())! + "\n");
        }

        var wrk = new[] { "/usr/bin/wrk", "/usr/local/bin/wrk" }.First(File.Exists);
        var result = await ChildProcess.RunAsync(
            new ChildCommand(wrk, ["-t2", "-c32", $"-d{seconds}s", "--latency", "-s", Path.Combine(AppContext.BaseDirectory, "load.lua"), url], TimeSpan.FromMinutes(2))
            {
                Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["MODE"] = mode, ["PREFIX"] = prefix, ["TOKEN"] = token, ["IDS"] = ids },
            },
            default);
        if (result.ExitCode != 0 || result.Output.Contains("Non-2xx", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(result.Output + result.ErrorTail);
        }

        return new Load(Number(RateRegex().Match(result.Output)), Milliseconds(MedianRegex().Match(result.Output)));
    }

    private static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), out var value) ? value : otherwise;

    private static double Number(Match match) => double.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture);

    private static double Milliseconds(Match match) => Number(match) * match.Groups["u"].Value switch { "us" => 0.001, "s" => 1000, _ => 1 };

    [GeneratedRegex(@"Requests/sec:\s+(?<n>[0-9.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RateRegex();

    [GeneratedRegex(@"50%\s+(?<n>[0-9.]+)(?<u>us|ms|s)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MedianRegex();

    private sealed record Load(double Rate, double P50)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rate:F0}/s p50 {P50:F2} ms");
    }
}
