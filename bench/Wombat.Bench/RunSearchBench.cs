using System.Diagnostics;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>
/// Search over the logs of 100,000 runs, each with a hundred lines: the time until the first run that has the text is found, and the time
/// of all answers until the oldest run is found, beside one statement of PostgreSQL that searches the same blocks.
/// </summary>
internal static class RunSearchBench
{
    private const int Runs = 100_000;
    private const int Rounds = 5;
    private const double FirstHitsAim = 300;

    public static async Task RunAsync(BenchmarkEnvironment bench)
    {
        var count = RunBench.Scaled(Runs);
        Report.Note($"filling the logs of {count} runs");
        await using var history = await RunHistory.CreateAsync(bench, "runs_searched", count);
        await BenchmarkEnvironment.ExecuteAsync(history.Database, Logs(count));
        await using var database = NpgsqlDataSource.Create(history.Database);
        await using var size = database.CreateCommand("select pg_size_pretty(pg_total_relation_size('job_log_blocks'))");
        Report.Note($"the logs take {await size.ExecuteScalarAsync()}");
        foreach (var (name, text) in new[] { ("frequent", "took 7 ms"), ("recent", "needle recent"), ("thousandth", "needle thousandth") })
        {
            var times = new List<double>();
            for (var round = 0; round <= Rounds; round++)
            {
                times.Add(await TimeAsync(() => FindAsync(history.Client, text)));
            }

            Report.Line($"runs-search-{name}", Report.Median(times.Skip(1)), FirstHitsAim, "ms");
        }

        var (ours, bare) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            ours.Add(await TimeAsync(() => FindAsync(history.Client, "needle oldest")));
            await using var statement = database.CreateCommand("select count(*) from job_log_blocks where text ilike '%needle oldest%'");
            bare.Add(await TimeAsync(() => statement.ExecuteScalarAsync()));
        }

        Report.Line("runs-search-oldest", Report.Median(ours), Report.Median(bare), "ms");
    }

    // Reads answers until one has a run.
    private static async Task FindAsync(WombatClient client, string text)
    {
        for (var cursor = ""; ; )
        {
            var answer = await client.GetAsync($"/api/v1/runs/search?q={Uri.EscapeDataString(text)}{cursor}");
            if (answer.Body?["items"]?.AsArray() is not { } items)
            {
                throw new InvalidOperationException($"Refused: {answer}");
            }

            if (items.Count > 0)
            {
                return;
            }

            var next = (string?)answer.Body["next_cursor"] ?? throw new InvalidOperationException($"No run has {text}.");
            cursor = $"&cursor={Uri.EscapeDataString(next)}";
        }
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var from = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(from).TotalMilliseconds;
    }

    // 64 hexadecimal is 100 lines, all of stdout and of the same millisecond.
    private static string Logs(int count) =>
        $"""
            insert into job_log_blocks (job_id, last_number, line_count, started_at, text, metadata)
            select r.id, 100, 100, now(), (
                    select string_agg(format('step %s of run %s took %s ms and ended with status %s, token %s%s', line, r.n,
                        (r.n * 7919 + line * 31) % 9973, (r.n + line) % 3, md5((r.n * 100 + line)::text),
                        case when line <> 50 then '' when r.n = 20 then ' needle recent' when r.n = 1000 then ' needle thousandth'
                            when r.n = {count} then ' needle oldest' else '' end), E'\n' order by line) || E'\n'
                    from generate_series(1, 100) line), '\x640100'
            from (select id, row_number() over (order by id desc) as n from runs) r
            where not exists (select 1 from job_log_blocks b where b.job_id = r.id);
            vacuum analyze job_log_blocks;
            """;
}
