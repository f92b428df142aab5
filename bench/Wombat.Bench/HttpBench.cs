using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>Requests per second and p50 of the whole stack against the bare API, under wrk with 32 connections.</summary>
internal static class HttpBench
{
    private const int Rounds = 3;

    /// <param name="modes">get, list, pages (a different page per request) or post; all if none is given.</param>
    public static async Task RunAsync(string[] modes)
    {
        await using var bed = await BenchmarkEnvironment.StartAsync();
        var (ours, theirs) = (await bed.DatabaseAsync("ours"), await bed.DatabaseAsync("theirs"));
        await BenchmarkEnvironment.SeedAsync(ours, 10_000);
        await BenchmarkEnvironment.SeedAsync(theirs, 10_000);
        var data = Path.Combine(bed.Folder, "ours");
        await using var wombat = WombatProcess.Start(data, BenchmarkEnvironment.Environment(ours));
        using var client = await wombat.ReadyAsync(data);
        var token = (await File.ReadAllTextAsync(Path.Combine(data, "admin-token"))).Trim();
        var (bare, barePort) = await BenchmarkEnvironment.StartBareAsync(theirs);
        try
        {
            foreach (var mode in modes.Length == 0 ? ["get", "list", "pages", "post"] : modes)
            {
                Task<Load> Ours(int seconds) =>
                    Wrk.RunAsync(bed, ours, mode, $"http://127.0.0.1:{wombat.Port}", "/api/v1", seconds, ("TOKEN", token));
                Task<Load> Bare(int seconds) => Wrk.RunAsync(bed, theirs, mode, $"http://127.0.0.1:{barePort}", "", seconds);
                await Ours(Wrk.WarmUp);
                await Bare(Wrk.WarmUp);
                var (mine, base_) = (new List<Load>(), new List<Load>());
                for (var round = 0; round < Rounds; round++)
                {
                    mine.Add(await Ours(Wrk.Seconds));
                    base_.Add(await Bare(Wrk.Seconds));
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
}
