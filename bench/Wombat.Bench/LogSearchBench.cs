using System.Diagnostics;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>
/// Searches the newest log from its first to its last line. The baseline is one statement of PostgreSQL that searches
/// the same blocks, with the case of the letters.
/// </summary>
internal static class LogSearchBench
{
    private const int WarmUp = 3;
    private const int Rounds = 5;

    public static async Task RunAsync(WombatClient client, Func<string, Task> execute, string prefix = "logs", int lines = LogBench.Lines)
    {
        var job = (string)(await client.GetAsync("/api/v1/jobs?limit=1")).Body!["items"]![0]!["id"]!;
        var last = $"{lines:D10}";
        foreach (
            var (name, query, count) in new[]
            {
                ("last-line", $"q={last}+x", 1),
                ("count-of-every-line", "q=XXXX&limit=0", lines),
                ("first-error-of-none", "first_error=true", 0),
            }
        )
        {
            var (ours, baseline) = (new List<double>(), new List<double>());
            for (var round = 0; round < WarmUp + Rounds; round++)
            {
                var from = Stopwatch.GetTimestamp();
                await SearchAsync(client, job, query, count);
                var between = Stopwatch.GetTimestamp();
                await execute($"select count(*) from job_log_blocks where job_id = '{job}' and position('{last}' in text) > 0");

                // The first rounds fill the caches and compile.
                if (round >= WarmUp)
                {
                    ours.Add(Stopwatch.GetElapsedTime(from, between).TotalMilliseconds);
                    baseline.Add(Stopwatch.GetElapsedTime(between).TotalMilliseconds);
                }
            }

            Report.Line($"{prefix}-searched-{name}", Report.Median(ours), Report.Median(baseline), "ms");
        }
    }

    private static async Task SearchAsync(WombatClient client, string job, string query, long expected)
    {
        var count = 0L;
        for (var from = (long?)1; from is not null; )
        {
            var page = (await client.GetAsync($"/api/v1/jobs/{job}/log/search?{query}&from={from}")).Body!;
            count += (long)page["count"]!;
            from = (long?)page["next"];
        }

        // Wombat's own lines may match, too.
        if (count < expected)
        {
            throw new InvalidOperationException($"The search found {count} of {expected} lines.");
        }
    }
}
