using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wombat.Application;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Jobs;
using Wombat.Infrastructure.Persistence;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Jobs;

/// <summary>Claim, order, fairness, leases and rescue on a real PostgreSQL.</summary>
public sealed class JobEngineTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly Guid Worker = Guid.NewGuid();

    private ServiceProvider services = null!;
    private JobStore store = null!;
    private JobClaimer claims = null!;

    [SetUp]
    public async Task Start()
    {
        var settings = WombatSettings.Read(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false" },
            new Dictionary<string, string>(StringComparer.Ordinal)
        );
        var collection = new ServiceCollection()
            .AddLogging()
            .AddApplication()
            .AddInfrastructure(settings, await SharedPostgres.NewDatabaseAsync());
        collection.AddSingleton<AuditLog>();
        collection.AddSingleton(new HostIdentity(Guid.NewGuid(), "test"));
        collection.AddKeyedScoped<IJobHandler, Recorder>("test");
        collection.AddKeyedScoped<IJobHandler, LogWriter>("log");
        services = collection.BuildServiceProvider();
        await services.GetRequiredService<Migrator>().MigrateAsync(default);
        store = services.GetRequiredService<JobStore>();
        claims = services.GetRequiredService<JobClaimer>();
    }

    [TearDown]
    public async Task Stop() => await services.DisposeAsync();

    [Test]
    public async Task Claim_TakesTurnsBetweenProjects()
    {
        var (big, small, tiny) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await AddAsync(Enumerable.Range(0, 500).Select(_ => New(big)));
        await AddAsync([New(small), New(small), New(tiny), New(null)]);
        var claim = await claims.ClaimAsync(Worker, Lease, 8, Guid.Empty, SlotBounds.None, default);
        var claimed = claim.Jobs;

        // Four projects share eight: two each, where there are two.
        Assert.That((claimed.Count, claim.MayHaveMore), Is.EqualTo((6, true)));
        Assert.That(
            claimed.Take(4).Select(j => j.ProjectId),
            Is.EquivalentTo(new Guid?[] { big, small, tiny, null }),
            "each project's first comes before any project's second"
        );
        Assert.That(claimed.Count(j => j.ProjectId == big), Is.EqualTo(2));

        // What is left is one project's, and it gets all.
        var rest = await claims.ClaimAsync(Worker, Lease, 8, Guid.Empty, SlotBounds.None, default);
        Assert.That(rest.Jobs.Select(j => j.ProjectId), Is.All.EqualTo(big).And.Exactly(8).Items);
    }

    [Test]
    public async Task Claim_WithManyProjects_GoesOnBehindTheLast()
    {
        await AddAsync(Enumerable.Range(0, 100).SelectMany(_ => Guid.NewGuid() is var p ? new[] { New(p), New(p) } : []));
        var seen = new HashSet<Guid?>();
        var after = Guid.Empty;
        for (var i = 0; i < 4; i++)
        {
            var claim = await claims.ClaimAsync(Worker, Lease, 32, after, SlotBounds.None, default);
            seen.UnionWith(claim.Jobs.Select(j => j.ProjectId));
            after = claim.After;
        }

        Assert.That(seen, Has.Count.EqualTo(100));
    }

    [Test]
    public async Task Claim_OfASaturatedProject_TakesNothing()
    {
        var (busy, other) = (Guid.NewGuid(), Guid.NewGuid());
        await AddAsync([New(busy), New(busy), New(other)]);
        var claimed = (
            await claims.ClaimAsync(
                Worker,
                Lease,
                10,
                Guid.Empty,
                new SlotBounds(7, 12, new Dictionary<Guid, int> { [busy] = 7 }, new Dictionary<Guid, int>()),
                default
            )
        ).Jobs;
        Assert.That(claimed.Select(j => j.ProjectId), Is.EqualTo(new Guid?[] { other }));
    }

    [Test]
    public async Task Claim_GivesNoProjectAndNoUserMoreThanItsSlots()
    {
        var (first, second, third, greedy) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), new Actor("greedy", Guid.NewGuid()));
        await AddAsync(Enumerable.Range(0, 30).SelectMany(i => new[] { New(first, at: i), New(second, at: i) }));
        var bounds = SlotBounds.Of(16, []);
        var claimed = (await claims.ClaimAsync(Worker, Lease, 16, Guid.Empty, bounds, default)).Jobs.ToList();
        Assert.That(
            claimed.GroupBy(j => j.ProjectId).Select(g => g.Count()),
            Is.EqualTo(new[] { 7, 7 }),
            "two projects do not hold all sixteen slots"
        );
        Assert.That((await claims.ClaimAsync(Worker, Lease, 2, Guid.Empty, SlotBounds.Of(16, claimed), default)).Jobs, Is.Empty);

        await AddAsync(Enumerable.Range(0, 40).Select(i => New(i % 2 == 0 ? third : Guid.NewGuid(), at: i, by: greedy)));
        var ofGreedy = (await claims.ClaimAsync(Worker, Lease, 16, Guid.Empty, SlotBounds.Of(16, []), default))
            .Jobs.Where(j => j.RequestedBy.Id == greedy.Id)
            .ToList();
        Assert.That(ofGreedy, Has.Count.LessThanOrEqualTo(12), "nor does one user, however many projects he has");
        await AddAsync([New(third, at: 99)]);
        var rest = (
            await claims.ClaimAsync(
                Worker,
                Lease,
                16,
                Guid.Empty,
                new SlotBounds(16, 12, new Dictionary<Guid, int>(), new Dictionary<Guid, int> { [greedy.Id!.Value] = 12 }),
                default
            )
        ).Jobs;
        Assert.That(
            rest.Select(j => j.RequestedBy.Name),
            Does.Contain("tester").And.Not.Contain("greedy"),
            "whose jobs do not hide those of others behind them"
        );
    }

    [Test]
    public async Task Claim_FollowsPriorityThenTime_AndNothingBeforeItsTime()
    {
        var project = Guid.NewGuid();
        var later = New(project, delay: TimeSpan.FromHours(1));
        var low = New(project, priority: 5);
        var high = New(project, priority: -5);
        var middle = New(project);
        await AddAsync([later, low, high, middle]);
        var claimed = (await claims.ClaimAsync(Worker, Lease, 10, Guid.Empty, SlotBounds.None, default)).Jobs;
        Assert.That(claimed.Select(j => j.Id), Is.EqualTo(new[] { high.Id, middle.Id, low.Id }));
    }

    [Test]
    public async Task Claim_OfOneResource_TakesItsJobsOneAtATimeInOrder()
    {
        var (project, resource) = (Guid.NewGuid(), Guid.NewGuid());
        var jobs = Enumerable.Range(0, 3).Select(i => New(project, resource, at: i, priority: (short)-i)).ToList();
        await AddAsync(jobs);
        foreach (var expected in jobs)
        {
            var claimed = (await claims.ClaimAsync(Worker, Lease, 10, Guid.Empty, SlotBounds.None, default)).Jobs;
            Assert.That(claimed.Select(j => j.Id), Is.EqualTo(new[] { expected.Id }));
            Assert.That((await claims.ClaimAsync(Worker, Lease, 10, Guid.Empty, SlotBounds.None, default)).Jobs, Is.Empty);
            await store.SucceedAsync(Worker, [expected.Id], default);
        }
    }

    [Test]
    public async Task Claim_OfAnUrgentJob_GoesAheadOfOlderJobsOfItsResource()
    {
        var (project, resource) = (Guid.NewGuid(), Guid.NewGuid());
        var jobs = Enumerable.Range(0, 3).Select(i => New(project, resource, at: i, priority: i == 2 ? Job.Urgent : (short)0)).ToList();
        await AddAsync(jobs);
        foreach (var expected in new[] { jobs[2], jobs[0], jobs[1] })
        {
            var claimed = (await claims.ClaimAsync(Worker, Lease, 10, Guid.Empty, SlotBounds.None, default)).Jobs;
            Assert.That(claimed.Select(j => j.Id), Is.EqualTo(new[] { expected.Id }));
            await store.SucceedAsync(Worker, [expected.Id], default);
        }
    }

    [Test]
    public async Task Claim_WhileAnUrgentJobWaitsForItsNextAttempt_IsNotHeldBackByIt()
    {
        var (project, resource) = (Guid.NewGuid(), Guid.NewGuid());
        var (restart, urgent) = (New(project, resource, at: 0), New(project, resource, at: 1, priority: Job.Urgent));
        await AddAsync([restart, urgent]);
        await ScalarAsync($"update jobs set run_at = now() + interval '1 hour' where id = '{urgent.Id}'");
        Assert.That(
            (await claims.ClaimAsync(Worker, Lease, 10, Guid.Empty, SlotBounds.None, default)).Jobs.Select(j => j.Id),
            Is.EqualTo(new[] { restart.Id })
        );
    }

    [Test]
    public async Task Claim_ByManyWorkersAtOnce_GivesEachJobToOne()
    {
        await AddAsync(Enumerable.Range(0, 400).Select(i => New(Guid.NewGuid(), i % 4 == 0 ? Guid.NewGuid() : null)));
        var claimed = new ConcurrentBag<Guid>();
        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async _ =>
                {
                    var worker = Guid.NewGuid();
                    await using var own = new JobClaimer(
                        services.GetRequiredService<NpgsqlDataSource>(),
                        services.GetRequiredService<HostIdentity>()
                    );
                    while (true)
                    {
                        var jobs = (await own.ClaimAsync(worker, Lease, 10, Guid.Empty, SlotBounds.None, default)).Jobs;
                        foreach (var job in jobs)
                        {
                            claimed.Add(job.Id);
                        }

                        if (jobs.Count == 0 && claimed.Count >= 400)
                        {
                            return;
                        }
                    }
                })
        );
        Assert.That(claimed.Distinct().Count(), Is.EqualTo(400));
        Assert.That(claimed, Has.Count.EqualTo(400));
    }

    [Test]
    public async Task Rescue_OfAnExpiredLease_QueuesItAgain_AndTheOldWorkerCanSaveNothing()
    {
        await AddAsync([New(null)]);
        var lost = (await claims.ClaimAsync(Worker, TimeSpan.FromSeconds(-5), 1, Guid.Empty, SlotBounds.None, default)).Jobs.Single();
        Assert.That(await store.RescueAsync(default), Is.EqualTo(1));
        Assert.That(await store.HeartbeatAsync(Worker, [lost.Id], Lease, default), Is.Empty);
        var other = Guid.NewGuid();
        var again = (await claims.ClaimAsync(other, Lease, 1, Guid.Empty, SlotBounds.None, default)).Jobs.Single();
        Assert.That((again.Id, again.Attempt), Is.EqualTo((lost.Id, 2)));
        Assert.That(await store.ReleaseAsync(Worker, lost, TimeSpan.Zero, null, default), Is.False);
        await store.SucceedAsync(Worker, [lost.Id], default);
        Assert.That(await StateAsync(lost.Id), Is.EqualTo("running"), "an end by the old worker counts for nothing");
        var logs = services.GetRequiredService<JobLogStore>();
        Assert.That(await logs.AppendAsync(lost, Worker, new LogBlock(1, 1, "[]"), default), Is.False, "nor do its log lines");
        Assert.That(await logs.AppendAsync(again, other, new LogBlock(1, 1, "[1]"), default), Is.True);
        Assert.That(await logs.AppendAsync(again, other, new LogBlock(1, 1, "[1]"), default), Is.True, "repeated after an unheard answer");
        Assert.That(await logs.ReadAsync(lost.Id, 0, 10, default), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Heartbeat_AndRescue_WaitForNobody_WhoJustChangesAJob()
    {
        await AddAsync([New(Guid.NewGuid()), New(Guid.NewGuid())]);
        var jobs = (await claims.ClaimAsync(Worker, Lease, 8, Guid.Empty, SlotBounds.None, default)).Jobs.Select(j => j.Id).ToArray();
        await using var other = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using var change = await other.BeginTransactionAsync();
        await using var command = new NpgsqlCommand($"update jobs set priority = 7 where id = '{jobs[0]}'", other);
        await command.ExecuteNonQueryAsync();

        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var beside = await store.HeartbeatAsync(Worker, jobs, TimeSpan.FromSeconds(-10), soon.Token);
        Assert.That(beside, Is.EquivalentTo(new Dictionary<Guid, (bool, bool)> { [jobs[0]] = (false, false), [jobs[1]] = (true, false) }));
        await ScalarAsync($"update jobs set lease_until = now() - interval '1 hour' where id = '{jobs[1]}'");
        Assert.That(await store.RescueAsync(soon.Token), Is.EqualTo(1));
        await change.CommitAsync();
        var after = await store.HeartbeatAsync(Worker, jobs, Lease, default);
        Assert.That(after, Is.EquivalentTo(new Dictionary<Guid, (bool, bool)> { [jobs[0]] = (true, false) }), "the other was taken away");
    }

    [Test]
    public async Task Worker_RunsOneJobOfAResourceAtATime_WhateverHowManyWorkers()
    {
        var resources = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToList();
        await AddAsync(resources.SelectMany(r => Enumerable.Range(0, 12).Select(i => New(r, r, at: i, payload: $"\"{r:N} {i}\""))));
        var auditLog = services.GetRequiredService<AuditLog>();
        var workers = Enumerable.Range(0, 3).Select(_ => NewWorker()).ToList();
        foreach (var worker in workers)
        {
            await worker.StartAsync(default);
        }

        await WaitAsync(() => auditLog.Ran.Count == 60);
        foreach (var worker in workers)
        {
            await worker.StopAsync(default);
            worker.Dispose();
        }

        Assert.That(auditLog.Overlaps, Is.Zero);
        foreach (var resource in resources)
        {
            var order = auditLog
                .Ran.Where(r => r.StartsWith(resource.ToString("N"), StringComparison.Ordinal))
                .Select(r => int.Parse(r.Split(' ')[1]));
            Assert.That(order, Is.EqualTo(Enumerable.Range(0, 12)));
        }
    }

    [Test]
    public async Task Worker_WhoseJobDiesWithItTooOften_FailsIt()
    {
        var job = New(null, maxAttempts: 2);
        await AddAsync([job]);
        for (var i = 0; i < 2; i++)
        {
            await claims.ClaimAsync(Guid.NewGuid(), TimeSpan.FromSeconds(-5), 1, Guid.Empty, SlotBounds.None, default);
            await store.RescueAsync(default);
        }

        using var worker = NewWorker();
        await worker.StartAsync(default);
        await WaitAsync(() => StateAsync(job.Id).Result == "failed");
        await worker.StopAsync(default);
        Assert.That(await ScalarAsync($"select error->>'Code' from jobs where id = '{job.Id}'"), Is.EqualTo("worker_lost"));
        Assert.That(services.GetRequiredService<AuditLog>().Ran, Is.Empty);
    }

    [Test]
    public async Task EndOfAJob_ThatIsSavedAtTheSecondTry_IsOneEvent()
    {
        await ScalarAsync(
            """
            create sequence saves;
            create function fail_first_save() returns trigger language plpgsql as $$
                begin
                    if nextval('saves') = 1 then raise exception 'not now' using errcode = 'serialization_failure'; end if;
                    return new;
                end $$;
            create trigger fail_first_save before insert on events for each row
                when (new.action = 'job.succeeded') execute function fail_first_save()
            """
        );
        var job = Job.Create("log", new Actor("tester"), TimeProvider.System.GetUtcNow().AddMinutes(-1), new JobTarget(null));
        await AddAsync([job]);
        using var worker = NewWorker();
        await worker.StartAsync(default);
        await WaitAsync(() => StateAsync(job.Id).Result == "succeeded");
        await worker.StopAsync(default);
        Assert.That(await ScalarAsync("select last_value::text from saves"), Is.Not.EqualTo("1"), "the first save failed");
        Assert.That(
            await ScalarAsync($"select count(*)::text from events where action = 'job.succeeded' and target_id = '{job.Id}'"),
            Is.EqualTo("1")
        );
    }

    private JobWorker NewWorker() =>
        new(
            store,
            claims,
            services.GetRequiredService<JobRunner>(),
            services.GetRequiredService<Application.Common.INotificationBus>(),
            new JobSettings(4, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(50)),
            TimeProvider.System,
            services.GetRequiredService<Wombat.Infrastructure.Persistence.DatabaseAvailability>(),
            NullLogger<JobWorker>.Instance
        );

    private static Job New(
        Guid? project,
        Guid? resource = null,
        int at = 0,
        short priority = 0,
        TimeSpan delay = default,
        string payload = "{}",
        int maxAttempts = 5,
        Actor? by = null
    ) =>
        Job.Create(
            "test",
            by ?? new Actor("tester"),
            TimeProvider.System.GetUtcNow().AddMinutes(-1).AddMilliseconds(at),
            new JobTarget(project, resource),
            payload,
            maxAttempts,
            priority,
            delay
        );

    private async Task AddAsync(IEnumerable<Job> jobs)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        db.Jobs.AddRange(jobs);
        await db.SaveChangesAsync();
    }

    private async Task<string?> StateAsync(Guid id) => await ScalarAsync($"select state from jobs where id = '{id}'");

    private async Task<string?> ScalarAsync(string sql)
    {
        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return await command.ExecuteScalarAsync() as string;
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        for (var attempt = 0; attempt < 400; attempt++)
        {
            if (condition())
            {
                return;
            }

            await Task.Delay(50);
        }

        Assert.Fail("Waited in vain.");
    }

    private sealed class AuditLog
    {
        private readonly ConcurrentDictionary<Guid, int> running = new();
        private int overlaps;

        public ConcurrentQueue<string> Ran { get; } = new();

        public int Overlaps => overlaps;

        public void Enter(Guid resource)
        {
            if (running.AddOrUpdate(resource, 1, (_, n) => n + 1) > 1)
            {
                Interlocked.Increment(ref overlaps);
            }
        }

        public void Leave(Guid resource, string payload)
        {
            Ran.Enqueue(payload.Trim('"'));
            running.AddOrUpdate(resource, 0, (_, n) => n - 1);
        }
    }

    private sealed class Recorder(AuditLog auditLog) : IJobHandler
    {
        public async Task RunAsync(JobRun run, CancellationToken cancel)
        {
            auditLog.Enter(run.ResourceId ?? Guid.Empty);
            await Task.Delay(5, cancel);
            auditLog.Leave(run.ResourceId ?? Guid.Empty, run.Payload);
        }
    }

    private sealed class LogWriter : IJobHandler
    {
        public Task RunAsync(JobRun run, CancellationToken cancel) => run.Log.WriteAsync("a line", cancel).AsTask();
    }
}
