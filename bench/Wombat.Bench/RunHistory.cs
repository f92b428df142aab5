using Npgsql;
using Wombat.Application.Common;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>A server with many ended runs of ten commands.</summary>
internal sealed class RunHistory : IAsyncDisposable
{
    private readonly WombatProcess process;

    private RunHistory(WombatProcess process, WombatClient client, string database, string command) =>
        (this.process, Client, Database, Command) = (process, client, database, command);

    public WombatClient Client { get; }

    /// <summary>The connection string of its database.</summary>
    public string Database { get; }

    /// <summary>The command of a tenth of the runs.</summary>
    public string Command { get; }

    public static async Task<RunHistory> CreateAsync(BenchmarkEnvironment bench, string name, int count)
    {
        var connectionString = await bench.DatabaseAsync(name);
        var data = Path.Combine(bench.Folder, name);
        var wombat = WombatProcess.Start(data, BenchmarkEnvironment.Environment(connectionString));
        var client = await wombat.ReadyAsync(data);
        var command = await BenchRuns.CreateAsync(client, "true", ["true"]);
        var job = await BenchRuns.StartAsync(client, command);
        await client.WaitForJobAsync(job);
        await BenchmarkEnvironment.ExecuteAsync(connectionString, Seed(job.Split('/')[^1], count));
        return new RunHistory(wombat, client, connectionString, command.Split('/')[^1]);
    }

    /// <summary>The position after a number of runs, newest first.</summary>
    public async Task<string> CursorAsync(string sort, int offset)
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var command = source.CreateCommand($"select id from runs order by id desc offset {offset} limit 1");
        return new Cursor(sort, "", (Guid)(await command.ExecuteScalarAsync())!).Encode();
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
