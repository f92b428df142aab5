using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using Wombat.Application;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;
using Wombat.Infrastructure;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Jobs;
using Wombat.Infrastructure.Processes;

namespace Wombat.Bench;

/// <summary>Empty jobs per second and the time from commit to start, against a bare SKIP LOCKED loop and graphile-worker.</summary>
internal static class JobBench
{
    private const int Count = 50_000;
    private const int Rounds = 3;
    private const int Tries = 500;

    public static async Task RunAsync()
    {
        await using var bed = await BenchmarkEnvironment.StartAsync();
        var database = await bed.DatabaseAsync("jobs");
        await BenchmarkEnvironment.ExecuteAsync(bed.Server, "create database graphile");
        await using var raw = await BareJobLoop.CreateAsync(bed);
        await using var engine = await Engine.StartAsync(database);
        var (ours, loop, peer) = (new List<double>(), new List<double>(), new List<Peer>());
        await engine.DrainAsync(Count);
        await raw.DrainAsync(Count);
        for (var round = 0; round < Rounds; round++)
        {
            ours.Add(await engine.DrainAsync(Count));
            loop.Add(await raw.DrainAsync(Count));
            peer.Add(await Peer.RunAsync(bed, round == 0 ? Tries : 1));
            Report.Note($"round {round + 1}: ours {ours[^1]:F0}/s, bare loop {loop[^1]:F0}/s, graphile-worker {peer[^1].Rate:F0}/s");
        }

        Report.Line("jobs-rate-vs-bare-loop", Report.Median(ours), Report.Median(loop), "/s");
        Report.Line("jobs-rate-vs-graphile", Report.Median(ours), Report.Median(peer.Select(p => p.Rate)), "/s");

        var bare = await raw.PickUpAsync(Tries);
        var here = await engine.PickUpAsync(Tries, fromOtherReplica: false);
        var there = await engine.PickUpAsync(Tries, fromOtherReplica: true);
        Print("pickup", here, bare);
        Print("pickup-from-other-replica", there, bare);
        Report.Line("pickup-vs-graphile-p50", Report.Quantile(here, 0.5), peer[0].P50, "ms");
        await engine.QueueBacklogAsync(Count);
        Print("pickup-behind-50000-of-another-project", await engine.PickUpAsync(Tries, fromOtherReplica: false), bare);
        Report.Note($"{await engine.LeftAsync()} jobs of the backlog were still waiting at the end");
    }

    private static void Print(string name, List<double> ours, List<double> baseline)
    {
        Report.Line($"{name}-p50", Report.Quantile(ours, 0.5), Report.Quantile(baseline, 0.5), "ms");
        Report.Line($"{name}-p99", Report.Quantile(ours, 0.99), Report.Quantile(baseline, 0.99), "ms");
    }

    /// <summary>Wombat's job engine: the services of the server, with one handler that does nothing.</summary>
    private sealed class Engine(ServiceProvider services, ServiceProvider otherReplica, string database) : IAsyncDisposable
    {
        private static readonly Guid[] Projects = [.. Enumerable.Range(0, 20).Select(_ => Guid.NewGuid())];

        public static async Task<Engine> StartAsync(string database)
        {
            var engine = new Engine(Services(database), Services(database), database);
            foreach (var replica in new[] { engine.otherReplica, engine.services })
            {
                await replica.GetRequiredService<Infrastructure.Notifications.PostgresNotificationBus>().StartAsync(default);
            }

            await Task.Delay(500);
            return engine;
        }

        private readonly ServiceProvider services = services;
        private readonly ServiceProvider otherReplica = otherReplica;

        public async Task<double> DrainAsync(int count)
        {
            await BenchmarkEnvironment.ExecuteAsync(database, "truncate jobs cascade");
            await InsertAsync(count, Projects);
            await BenchmarkEnvironment.ExecuteAsync(database, "vacuum analyze jobs");
            var noop = services.GetRequiredService<NoopState>();
            noop.Expect(count);
            var worker = Worker();
            var from = Stopwatch.GetTimestamp();
            await worker.StartAsync(default);
            await noop.Done;
            await worker.StopAsync(default);
            var rate = count / Stopwatch.GetElapsedTime(from).TotalSeconds;
            worker.Dispose();
            return rate;
        }

        public async Task<List<double>> PickUpAsync(int tries, bool fromOtherReplica)
        {
            var noop = services.GetRequiredService<NoopState>();
            using var worker = Worker();
            await worker.StartAsync(default);
            await Task.Delay(300);
            var times = new List<double>();
            for (var i = 0; i < tries; i++)
            {
                await Task.Delay(Random.Shared.Next(5, 15));
                await using var scope = (fromOtherReplica ? otherReplica : services).CreateAsyncScope();
                var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
                var job = Job.Create("noop", new Actor("bench"), TimeProvider.System.GetUtcNow(), new JobTarget(Guid.NewGuid()));
                db.Jobs.Add(job);
                var started = noop.Watch(job.Id);
                await db.SaveChangesAsync();
                var committed = Stopwatch.GetTimestamp();
                times.Add(Stopwatch.GetElapsedTime(committed, await started).TotalMilliseconds);
            }

            await worker.StopAsync(default);
            return times;
        }

        /// <summary>Creates long jobs of one project, which do not end before the measurement does.</summary>
        public async Task QueueBacklogAsync(int count)
        {
            await BenchmarkEnvironment.ExecuteAsync(database, "truncate jobs cascade");
            await InsertAsync(count, [Guid.NewGuid()], "short");
            await BenchmarkEnvironment.ExecuteAsync(database, "vacuum analyze jobs");
        }

        public async Task<long> LeftAsync()
        {
            await using var command = services
                .GetRequiredService<NpgsqlDataSource>()
                .CreateCommand("select count(*) from jobs where state = 'queued'");
            return (long)(await command.ExecuteScalarAsync())!;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var replica in new[] { services, otherReplica })
            {
                await replica.GetRequiredService<Infrastructure.Notifications.PostgresNotificationBus>().StopAsync(default);
                await replica.DisposeAsync();
            }
        }

        private JobWorker Worker() =>
            new(
                services.GetRequiredService<JobStore>(),
                services.GetRequiredService<JobClaimer>(),
                services.GetRequiredService<JobRunner>(),
                services.GetRequiredService<INotificationBus>(),
                services.GetRequiredService<JobSettings>(),
                services.GetRequiredService<JobKinds>(),
                TimeProvider.System,
                services.GetRequiredService<Infrastructure.Persistence.DatabaseAvailability>(),
                services.GetRequiredService<Infrastructure.Background.BackgroundLoop>(),
                services.GetRequiredService<ILogger<JobWorker>>()
            );

        private Task InsertAsync(int count, Guid[] projects, string kind = "noop") =>
            BenchmarkEnvironment.ExecuteAsync(
                database,
                $"""
                insert into jobs (id, kind, queue, arguments, is_repeatable, priority, state, run_at, attempt, max_attempts,
                    cancel_requested,
                    project_id, requested_by, created_at)
                select uuidv7(), '{kind}', 'default', '{"{}"}', true, 0, 'queued', now(), 0, 5, false, ('{"{"
                    + string.Join(',', projects)
                    + "}"}'::uuid[])[1 + n % {projects.Length}], 'bench', now() from generate_series(1, {count}) n
                """
            );

        private static ServiceProvider Services(string database)
        {
            var settings = WombatSettings.Read(
                new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false" },
                new Dictionary<string, string>(StringComparer.Ordinal)
            );
            var collection = new ServiceCollection().AddLogging().AddApplication().AddInfrastructure(settings, database);
            collection.AddSingleton<NoopState>();
            collection.AddKeyedScoped<IJobHandler, Noop>("noop");
            collection.AddKeyedScoped<IJobHandler, Short>("short");
            return collection.BuildServiceProvider();
        }
    }

    private sealed class NoopState
    {
        private readonly ConcurrentDictionary<Guid, TaskCompletionSource<long>> watched = new();
        private TaskCompletionSource done = new();
        private int left;

        public Task Done => done.Task;

        public void Expect(int count)
        {
            done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            left = count;
        }

        public Task<long> Watch(Guid id) =>
            watched.GetOrAdd(id, _ => new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public void Ran(Guid id)
        {
            if (watched.TryRemove(id, out var watcher))
            {
                watcher.TrySetResult(Stopwatch.GetTimestamp());
            }

            if (Interlocked.Decrement(ref left) == 0)
            {
                done.TrySetResult();
            }
        }
    }

    private sealed class Noop(NoopState state) : IJobHandler
    {
        public Task RunAsync(JobRun run, CancellationToken cancel)
        {
            state.Ran(run.Id);
            return Task.CompletedTask;
        }
    }

    private sealed class Short : IJobHandler
    {
        public Task RunAsync(JobRun run, CancellationToken cancel) => Task.Delay(1, cancel);
    }

    private sealed record Peer(double Rate, double P50, double P99)
    {
        public static async Task<Peer> RunAsync(BenchmarkEnvironment bed, int tries)
        {
            var server = new NpgsqlConnectionStringBuilder(bed.Server);
            var bench = Path.Combine(TestSupport.WombatProcess.RepositoryRoot(), "bench");
            var node = new[] { "/usr/bin/node", "/usr/local/bin/node" }.First(File.Exists);
            var result = await ChildProcess.RunAsync(
                new ChildCommand(node, [Path.Combine(AppContext.BaseDirectory, "graphile.mjs")], TimeSpan.FromMinutes(5))
                {
                    Environment = new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["NODE_ROOT"] = bench,
                        ["COUNT"] = Count.ToString(),
                        ["TRIES"] = tries.ToString(),
                        ["ROUNDS"] = "1",
                        ["PGHOST"] = server.Host!,
                        ["PGUSER"] = server.Username!,
                        ["PGPASSWORD"] = server.Password!,
                        ["PGDATABASE"] = "graphile",
                    },
                },
                default
            );
            if (result.ExitCode != 0)
            {
                throw new InvalidOperationException(result.ErrorTail);
            }

            using var json = JsonDocument.Parse(result.Output);
            return new Peer(
                json.RootElement.GetProperty("rate").GetDouble(),
                json.RootElement.GetProperty("p50").GetDouble(),
                json.RootElement.GetProperty("p99").GetDouble()
            );
        }
    }
}
