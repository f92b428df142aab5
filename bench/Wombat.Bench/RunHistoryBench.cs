namespace Wombat.Bench;

/// <summary>
/// The list of 20 runs among a million against the same list among ten thousand, by command and by status: the first page and a deep page.
/// </summary>
internal static class RunHistoryBench
{
    private const string Sort = "-created_at";
    private const int Small = 10_000;
    private const int Large = 1_000_000;

    public static async Task RunAsync(BenchmarkEnvironment bench)
    {
        // A trial has at least as many that a deep page is full.
        var (small, large) = (Math.Max(5000, RunBench.Scaled(Small)), Math.Max(20_000, RunBench.Scaled(Large)));
        await using var few = await RunHistory.CreateAsync(bench, "runs_small", small);
        Report.Note($"filling {large} runs");
        await using var many = await RunHistory.CreateAsync(bench, "runs_large", large);
        foreach (
            var (name, query) in new (string, Func<RunHistory, string>)[]
            {
                ("all", _ => ""),
                ("command", h => $"&command_id={h.Command}"),
                ("status-failed", _ => "&status=failed"),
                ("status-interrupted", _ => "&status=interrupted"),
                ("command-and-status", h => $"&command_id={h.Command}&status=failed"),
            }
        )
        {
            var (ofMany, ofFew) = (Path(query(many)), Path(query(few)));
            await ListBench.CompareAsync($"runs-history-{name}-first", many.Client, ofMany, few.Client, ofFew);
            var (deepMany, deepFew) = (await many.CursorAsync(Sort, large / 5), await few.CursorAsync(Sort, small / 2));
            await ListBench.CompareAsync(
                $"runs-history-{name}-deep",
                many.Client,
                $"{ofMany}&cursor={deepMany}",
                few.Client,
                $"{ofFew}&cursor={deepFew}"
            );
        }
    }

    private static string Path(string query) => $"/api/v1/runs?limit=20&sort={Sort}{query}";
}
