using Npgsql;
using Wombat.Application.Common;
using Wombat.TestSupport;

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
            var (deepMany, deepFew) = (await many.CursorAsync(large / 5), await few.CursorAsync(small / 2));
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

    /// <summary>A server with many ended runs of ten commands.</summary>
    private sealed class RunHistory : IAsyncDisposable
    {
        private readonly WombatProcess process;
        private readonly string database;

        private RunHistory(WombatProcess process, WombatClient client, string database, string command) =>
            (this.process, Client, this.database, Command) = (process, client, database, command);

        public WombatClient Client { get; }

        /// <summary>The command of a tenth of the runs.</summary>
        public string Command { get; }

        public static async Task<RunHistory> CreateAsync(BenchmarkEnvironment bench, string name, int count)
        {
            var connectionString = await bench.DatabaseAsync(name);
            var data = System.IO.Path.Combine(bench.Folder, name);
            var wombat = WombatProcess.Start(data, BenchmarkEnvironment.Environment(connectionString));
            var client = await wombat.ReadyAsync(data);
            var command = await BenchRuns.CreateAsync(client, "true", ["true"]);
            var job = await BenchRuns.StartAsync(client, command);
            await client.WaitForJobAsync(job);
            await BenchmarkEnvironment.ExecuteAsync(connectionString, Seed(job.Split('/')[^1], count));
            return new RunHistory(wombat, client, connectionString, command.Split('/')[^1]);
        }

        /// <summary>The position after a number of runs, newest first.</summary>
        public async Task<string> CursorAsync(int offset)
        {
            await using var source = NpgsqlDataSource.Create(database);
            await using var command = source.CreateCommand($"select id from runs order by id desc offset {offset} limit 1");
            return new Cursor(Sort, "", (Guid)(await command.ExecuteScalarAsync())!).Encode();
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await process.DisposeAsync();
        }

        // Copies of one run. Each command has a tenth of the runs of each status: of a hundred runs eight failed, one was cancelled and one
        // interrupted.
        private static string Seed(string template, int count) =>
            $"""
                alter table jobs disable trigger user;
                alter table runs disable trigger user;
                create temporary table seed as
                select n, uuidv7(make_interval(secs => n - {count} - 60)) as id, now() - make_interval(secs => {count} + 60 - n) as at,
                    case when n % 100 < 90 then 'succeeded' when n % 100 < 98 then 'failed' when n % 100 < 99 then 'cancelled'
                        else 'interrupted' end as state
                from generate_series(1, {count}) n;
                insert into jobs select copy.* from seed, jobs j, lateral jsonb_populate_record(j, jsonb_build_object('id', seed.id,
                    'state', seed.state, 'created_at', seed.at, 'run_at', seed.at, 'started_at', seed.at, 'finished_at', seed.at)) copy
                where j.id = '{template}';
                insert into runs select copy.* from seed, runs r, lateral jsonb_populate_record(r, jsonb_build_object('id', seed.id,
                    'command_id', case when (seed.n / 100 + seed.n * 3) % 10 = 0 then r.command_id
                    else md5(((seed.n / 100 + seed.n * 3) % 10)::text)::uuid end)) copy
                where r.id = '{template}';
                alter table jobs enable trigger user;
                alter table runs enable trigger user;
                vacuum analyze jobs;
                vacuum analyze runs;
                """;
    }
}
