using System.Diagnostics;
using System.Net.Http.Headers;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>
/// The effect of one hostile user, signed in or not, on others: the p95 of another user's reads during each attack against that before it,
/// the server's memory, and the growth of the audit tables. Attacker, server and PostgreSQL share the machine, over loopback.
/// </summary>
internal static class HostileBench
{
    private const int AttackSeconds = 60;
    private const int IdleSeconds = 20;
    private const int WarmUpSeconds = 15;
    private const int MemoryLimitMiB = 600;
    private const double Mebi = 1024 * 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private const string Cli = """
        case "$*" in
        *--template\ flood*) timeout 55 yes 'a line of a flood, as long as lines of build tools usually are, some eighty characters' >&2
            echo '{"id":"1","status":"running"}';;
        *) echo '{"id":"2","status":"running"}';;
        esac
        """;

    private const string AuditSize = """
        select (select sum(pg_total_relation_size(c.oid)) from pg_class c where c.relkind = 'r' and (c.relname like 'events\_%'
            or c.relname in ('event_positions', 'refusal_counts')))::bigint
        """;

    /// <param name="only">The attacks to run; all if none is given.</param>
    public static async Task RunAsync(string[] only)
    {
        await using var bed = await BenchmarkEnvironment.StartAsync();
        var database = await bed.DatabaseAsync("hostile");
        await BenchmarkEnvironment.SeedAsync(database, 100_000);
        var data = Path.Combine(bed.Folder, "hostile");
        Directory.CreateDirectory(data);
        var environment = new Dictionary<string, string>(BenchmarkEnvironment.Environment(database), StringComparer.Ordinal)
        {
            ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "true",
            ["WOMBAT_PLUGINS_PROXMOX_CLI_PATH"] = ScriptedCli.Write(data, "cli", Cli),
        };
        environment.Remove("WOMBAT_RATE_LIMIT_REQUESTS_PER_SECOND");

        // Here the other user shares the attacker's address.
        environment["WOMBAT_RATE_LIMIT_CONNECTIONS"] = "0";
        await using var wombat = WombatProcess.Start(data, environment);
        using var admin = await wombat.ReadyAsync(data);
        await using var source = NpgsqlDataSource.Create(database);
        var scene = await Scene.SetAsync(admin, source);
        using var stranger = admin.With(token: null);

        await MeasureAsync(scene.Victim, WarmUpSeconds);
        var idle = await MeasureAsync(scene.Victim, IdleSeconds);
        Report.Note($"idle p95 {idle:F1} ms, memory {wombat.ResidentBytes / Mebi:F0} MB");
        foreach (
            var (name, attack) in scene.Attacks(stranger).Where(a => only.Length == 0 || only.Contains(a.Name, StringComparer.Ordinal))
        )
        {
            var before = await ScalarAsync(source, AuditSize);
            using var stop = new CancellationTokenSource();
            var (highest, watching) = (0L, true);
            var memory = Task.Run(async () =>
            {
                while (Volatile.Read(ref watching))
                {
                    highest = Math.Max(highest, wombat.ResidentBytes);
                    await Task.Delay(100);
                }
            });
            var attackers = attack.Select(a => AttackAsync(a, stop.Token)).ToList();
            var p95 = await MeasureAsync(scene.Victim, AttackSeconds);
            await stop.CancelAsync();
            var sent = (await Task.WhenAll(attackers)).Sum();
            watching = false;
            await memory;
            Report.Note(
                $"{name}: {attackers.Count} attackers, {sent} requests, audit grew by "
                    + $"{(await ScalarAsync(source, AuditSize) - before) / 1024.0:F0} KB"
            );
            Report.Line($"hostile-{name}-p95-of-others", p95, idle, "ms");
            Report.Line($"hostile-{name}-memory", highest / Mebi, MemoryLimitMiB, "MB");
            Report.Line($"hostile-{name}-audit-growth", (await ScalarAsync(source, AuditSize) - before) / Mebi, 1, "MB");
        }
    }

    /// <summary>The p95 of another user's reads, in milliseconds.</summary>
    private static async Task<double> MeasureAsync(WombatClient victim, int seconds)
    {
        var times = new List<double>();
        for (var from = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(from).TotalSeconds < seconds; )
        {
            var asked = Stopwatch.GetTimestamp();
            var answer = await victim.GetAsync("/api/v1/projects");
            times.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            if (answer.Status != System.Net.HttpStatusCode.OK)
            {
                throw new InvalidOperationException($"The other user was refused: {answer}");
            }

            await Task.Delay(Pause);
        }

        return Report.Quantile(times, 0.95);
    }

    private static async Task<long> AttackAsync(Func<CancellationToken, Task> attack, CancellationToken stop)
    {
        long sent = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await attack(stop);
                sent++;
            }
            catch (Exception e)
                when (e is OperationCanceledException or HttpRequestException or IOException or System.Net.Sockets.SocketException)
            {
                // The connection was closed, or the attack has ended.
            }
        }

        return sent;
    }

    private static async Task<long> ScalarAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is long value ? value : 0;
    }

    /// <summary>The users of the benchmark: one who works, and a hostile one with five tokens, a project and a large log.</summary>
    private sealed record Scene(WombatClient Victim, IReadOnlyList<WombatClient> Hostile, string Project, string Foreign, string Job)
    {
        private const int Parallel = 200;
        private const int Readers = 16;
        private const int Streams = 1000;

        public static async Task<Scene> SetAsync(WombatClient admin, NpgsqlDataSource source)
        {
            var foreign = await admin.CreateProjectAsync();
            var (victim, _) = await admin.CreateMemberAsync(foreign, "developer");
            var project = await admin.CreateProjectAsync();
            var (first, user) = await admin.CreateMemberAsync(project, "project_manager");
            List<WombatClient> hostile = [first];
            for (var i = 0; i < 4; i++)
            {
                hostile.Add(admin.With((await admin.CreateTokenAsync(user)).Secret));
            }

            var (_, job) = await admin.CreateContainerAsync(project, "small");
            await admin.WaitForJobAsync(job);
            await ScalarAsync(
                source,
                $$"""
                insert into job_log_blocks (job_id, last_number, line_count, started_at, text, metadata)
                select '{{job.Split('/')[
                    ^1
                ]}}', 1000 + b * 4, 4, '2026-01-01', repeat(repeat(md5(b::text), 490) || E'\n', 4), '\x040200'::bytea
                from generate_series(1, 2700) b
                """
            );
            return new Scene(victim, hostile, project, foreign, job);
        }

        public IEnumerable<(string Name, IEnumerable<Func<CancellationToken, Task>> Attackers)> Attacks(WombatClient stranger)
        {
            yield return (
                "refusals",
                Times(Parallel / 2, _ => c => PostAsync(stranger, "/x", "gzip", c))
                    .Concat(Times(Parallel / 2, _ => c => PostAsync(stranger, $"/api/v1/projects/{Foreign}/containers", null, c)))
            );
            yield return (
                "refusals-signed-in",
                Times(Parallel, i => c => PostAsync(Of(i), $"/api/v1/projects/{Foreign}/containers", i % 2 == 0 ? "gzip" : null, c))
            );
            yield return (
                "logs",
                Times(Readers, i => c => ReadAsync(Of(i), $"{Job}/log?limit=10000&after={i * 600}", "application/json", c))
                    .Concat(Times(Readers, i => c => ReadAsync(Of(i), $"{Job}/log", "text/plain", c)))
                    .Concat(Times(Readers, i => c => ReadAsync(Of(i), $"{Job}/log", "text/event-stream", c)))
                    .Concat(Times(1, _ => async c => await FloodAsync(c)))
            );
            yield return (
                "streams",
                Times(Streams, i => c => ReadAsync(Of(i), $"/api/v1/events?action=nothing.{i}", "text/event-stream", c))
            );
            yield return ("plans", Times(Parallel, i => c => PostAsync(Of(i), $"/api/v1/projects/{Project}/containers/plan", null, c)));
            yield return (
                "lists",
                Times(
                    Parallel,
                    i => c => ReadAsync(Of(i), $"/api/v1/projects?q=number&sort=name&include_total=true&limit=200", "application/json", c)
                )
            );
        }

        private static IEnumerable<Func<CancellationToken, Task>> Times(int count, Func<int, Func<CancellationToken, Task>> make) =>
            Enumerable.Range(0, count).Select(make);

        private WombatClient Of(int attacker) => Hostile[attacker % Hostile.Count];

        private async Task FloodAsync(CancellationToken cancel)
        {
            await PostAsync(Hostile[0], $"/api/v1/projects/{Project}/containers", null, cancel, """{"template":"flood"}""");
            await Task.Delay(TimeSpan.FromSeconds(30), cancel);
        }

        private static async Task PostAsync(
            WombatClient client,
            string path,
            string? encoding,
            CancellationToken cancel,
            string body = """{"template":"small"}"""
        )
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = WombatClient.Json(body) };
            if (encoding is not null)
            {
                request.Content.Headers.ContentEncoding.Add(encoding);
            }

            using var response = await client.Http.SendAsync(request, cancel);
        }

        private static async Task ReadAsync(WombatClient client, string path, string accept, CancellationToken cancel)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path)
            {
                Headers = { Accept = { new MediaTypeWithQualityHeaderValue(accept) } },
            };
            using var response = await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            await using var stream = await response.Content.ReadAsStreamAsync(cancel);
            await stream.CopyToAsync(Stream.Null, cancel);
        }
    }
}
