using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Wombat.Application.Common;
using Wombat.Application.Projects;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>Load by wrk with load.lua: 2 threads, and 32 connections unless CONNECTIONS has another number.</summary>
internal static partial class Wrk
{
    public static readonly int WarmUp = Setting("WOMBAT_BENCH_WARMUP", 15);
    public static readonly int Seconds = Setting("WOMBAT_BENCH_SECONDS", 8);

    public static async Task<Load> RunAsync(
        BenchmarkEnvironment bed,
        string database,
        string mode,
        string url,
        string prefix,
        int seconds,
        params (string Name, string Value)[] more
    )
    {
        var ids = Path.Combine(bed.Folder, "ids");
        await using (var data = NpgsqlDataSource.Create(database))
        await using (
            var command = data.CreateCommand("select array_agg(id) from (select id from projects order by unix_name limit 2000) p")
        )
        {
            var some = (Guid[])(await command.ExecuteScalarAsync())!;
            await File.WriteAllLinesAsync(
                ids,
                mode != "pages"
                    ? some.Select(id => id.ToString())
                    : some.Select(id => prefix == "" ? $"before={id}" : $"cursor={new Cursor(ListProjects.DefaultSort, "", id).Encode()}")
            );
        }

        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["MODE"] = mode,
            ["PREFIX"] = prefix,
            ["TOKEN"] = "",
            ["IDS"] = ids,
        };
        foreach (var (name, value) in more)
        {
            environment[name] = value;
        }

        var wrk = new[] { "/usr/bin/wrk", "/usr/local/bin/wrk" }.First(File.Exists);
        var result = await ChildProcess.RunAsync(
            new ChildCommand(
                wrk,
                [
                    "-t2",
                    "-c" + environment.GetValueOrDefault("CONNECTIONS", "32"),
                    $"-d{seconds}s",
                    "--latency",
                    "-s",
                    Path.Combine(AppContext.BaseDirectory, "load.lua"),
                    url,
                ],
                TimeSpan.FromMinutes(2)
            )
            {
                Environment = environment,
            },
            default
        );
        if (result.ExitCode != 0 || result.Output.Contains("Non-2xx", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(result.Output + result.ErrorTail);
        }

        return new Load(Number(RateRegex().Match(result.Output)), Milliseconds(MedianRegex().Match(result.Output)));
    }

    /// <summary>Creates projects through Wombat with the client's token.</summary>
    public static Task<Load> PostAsync(
        BenchmarkEnvironment bed,
        string database,
        WombatClient client,
        int seconds,
        params (string Name, string Value)[] more
    ) =>
        RunAsync(
            bed,
            database,
            "post",
            client.Address.ToString().TrimEnd('/'),
            "/api/v1",
            seconds,
            [("TOKEN", client.Http.DefaultRequestHeaders.Authorization!.Parameter!), .. more]
        );

    /// <summary>Runs both sides in turns after a warm-up of each; returns the medians of three rounds.</summary>
    public static async Task CompareAsync(string name, Func<int, Task<Load>> ours, Func<int, Task<Load>> baseline, int? warmUp = null)
    {
        await ours(warmUp ?? WarmUp);
        await baseline(warmUp ?? WarmUp);
        var (mine, base_) = (new List<double>(), new List<double>());
        for (var round = 0; round < 3; round++)
        {
            mine.Add((await ours(Seconds)).Rate);
            base_.Add((await baseline(Seconds)).Rate);
        }

        Report.Line(name, Report.Median(mine), Report.Median(base_), "/s");
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out var value) ? value : otherwise;

    private static double Number(Match match) => double.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture);

    private static double Milliseconds(Match match) =>
        Number(match)
        * match.Groups["u"].Value switch
        {
            "us" => 0.001,
            "s" => 1000,
            _ => 1,
        };

    [GeneratedRegex(@"Requests/sec:\s+(?<n>[0-9.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RateRegex();

    [GeneratedRegex(@"50%\s+(?<n>[0-9.]+)(?<u>us|ms|s)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MedianRegex();
}
