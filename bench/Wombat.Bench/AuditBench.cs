using System.Diagnostics;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>
/// The cost of the audit: sealing beside 32 writers, verification of a million events, and the list of a project's events among a million.
/// </summary>
internal static class AuditBench
{
    public static async Task RunAsync()
    {
        await using var bed = await BenchmarkEnvironment.StartAsync();
        var (small, large) = (await bed.DatabaseAsync("small"), await bed.DatabaseAsync("large"));
        await SealingAsync(bed);
        await PostAsync(bed);
        await using var smallProcess = WombatProcess.Start(Path.Combine(bed.Folder, "small"), BenchmarkEnvironment.Environment(small));
        await using var largeProcess = WombatProcess.Start(Path.Combine(bed.Folder, "large"), BenchmarkEnvironment.Environment(large));
        using var smallClient = await smallProcess.ReadyAsync(Path.Combine(bed.Folder, "small"));
        using var largeClient = await largeProcess.ReadyAsync(Path.Combine(bed.Folder, "large"));
        var project = Guid.CreateVersion7();
        await FillAsync(small, 10_000, project);
        await FillAsync(large, 1_000_000, project);
        var from = Stopwatch.GetTimestamp();
        var verified = await largeClient.GetAsync("/api/v1/audit/verification");
        Report.Line("audit-verify-million", Stopwatch.GetElapsedTime(from).TotalSeconds, 30, "s");
        Report.Note(verified.Text);
        foreach (var (name, query) in new[] { ("newest", "&sort=-position"), ("oldest", "") })
        {
            var path = $"/api/v1/events?limit=20&project_id={project}{query}";
            // Some thousand calls, so that compilation is not measured.
            for (var warmUp = 0; warmUp < 25; warmUp++)
            {
                await TimeAsync(largeClient, path);
                await TimeAsync(smallClient, path);
            }

            var rounds = new List<(double Large, double Small)>();
            for (var round = 0; round < 3; round++)
            {
                rounds.Add((await TimeAsync(largeClient, path), await TimeAsync(smallClient, path)));
            }

            Report.Line(
                $"audit-list-by-project-{name}",
                Report.Median([.. rounds.Select(r => r.Large)]),
                Report.Median([.. rounds.Select(r => r.Small)]),
                "ms"
            );
        }
    }

    // Two processes on two databases, measured in turns; one lacks the role that seals events.
    private static async Task SealingAsync(BenchmarkEnvironment bed)
    {
        var (on, off) = (await bed.DatabaseAsync("sealing"), await bed.DatabaseAsync("unsealed"));
        await BenchmarkEnvironment.SeedAsync(on, 10_000);
        await BenchmarkEnvironment.SeedAsync(off, 10_000);
        var without = BenchmarkEnvironment.Environment(off);
        without["WOMBAT_ROLES"] = "api,worker";
        await using var sealing = WombatProcess.Start(Path.Combine(bed.Folder, "sealing"), BenchmarkEnvironment.Environment(on));
        await using var plain = WombatProcess.Start(Path.Combine(bed.Folder, "unsealed"), without);
        using var one = await sealing.ReadyAsync(Path.Combine(bed.Folder, "sealing"));
        using var two = await plain.ReadyAsync(Path.Combine(bed.Folder, "unsealed"));
        await Wrk.CompareAsync("audit-sealing-32-writers", s => Wrk.PostAsync(bed, on, one, s), s => Wrk.PostAsync(bed, off, two, s));
    }

    // The same program with and without its events; the sequencer runs on one side.
    private static async Task PostAsync(BenchmarkEnvironment bed)
    {
        var (on, off) = (await bed.DatabaseAsync("audited"), await bed.DatabaseAsync("unaudited"));
        await BenchmarkEnvironment.SeedAsync(on, 10_000);
        await BenchmarkEnvironment.SeedAsync(off, 10_000);
        await using var wombat = WombatProcess.Start(Path.Combine(bed.Folder, "audited"), BenchmarkEnvironment.Environment(on));
        using var client = await wombat.ReadyAsync(Path.Combine(bed.Folder, "audited"));
        var data = Path.Combine(bed.Folder, "unaudited");
        var (process, port) = await BenchmarkEnvironment.StartUnauditedAsync(off, data);
        try
        {
            var token = (await File.ReadAllTextAsync(Path.Combine(data, "admin-token"))).Trim();
            await Wrk.CompareAsync(
                "audit-post-project",
                s => Wrk.PostAsync(bed, on, client, s),
                s => Wrk.RunAsync(bed, off, "post", $"http://127.0.0.1:{port}", "/api/v1", s, ("TOKEN", token))
            );
        }
        finally
        {
            process.Kill();
        }
    }

    // A hundredth of the events belong to the project. Then the sequencer assigns the positions of all.
    private static async Task FillAsync(string database, int count, Guid project)
    {
        await BenchmarkEnvironment.ExecuteAsync(
            database,
            $"""
            insert into events (id, at, actor, actor_id, through, action, target_type, target_id, project_id, outcome, request_id,
                address, after)
            select uuidv7(), now(), 'bench', '{project}', 'token', 'project.updated', 'project', p, p, 'success',
                '0123456789abcdef0123456789abcdef', '127.0.0.1', jsonb_build_object('name', 'A project of the usual length')
            from (select case when n % 100 = 0 then '{project}'::uuid else gen_random_uuid() end p from generate_series(1, {count}) n) x
            """
        );
        await using var source = NpgsqlDataSource.Create(database);
        var from = Stopwatch.GetTimestamp();
        while (true)
        {
            await using var left = source.CreateCommand("select (select position from event_sequencer)");
            if ((long)(await left.ExecuteScalarAsync())! >= count)
            {
                Report.Note($"{count} events were sealed in {Stopwatch.GetElapsedTime(from).TotalSeconds:F1} s");

                // Done here, so that autovacuum does not run while the lists are measured.
                await BenchmarkEnvironment.ExecuteAsync(database, "vacuum analyze events;\nvacuum analyze event_positions");
                return;
            }

            if (Stopwatch.GetElapsedTime(from) > TimeSpan.FromMinutes(5))
            {
                throw new TimeoutException("The sequencer did not finish in time.");
            }

            await Task.Delay(200);
        }
    }

    private static async Task<double> TimeAsync(WombatClient client, string path)
    {
        var times = new List<double>();
        for (var i = 0; i < 100; i++)
        {
            var from = Stopwatch.GetTimestamp();
            var answer = await client.GetAsync(path);
            times.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
            if (answer.Body!["items"]!.AsArray().Count != 20)
            {
                throw new InvalidOperationException(answer.ToString());
            }
        }

        return Report.Median(times);
    }
}
