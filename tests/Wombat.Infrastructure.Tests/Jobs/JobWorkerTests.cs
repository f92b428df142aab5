using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;
using Wombat.Infrastructure.Jobs;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Jobs;

/// <summary>Workers that run jobs until they end.</summary>
public sealed class JobWorkerTests : JobTestBase
{
    [Test]
    public async Task Run_WithSeveralWorkers_RunsOneJobOfAResourceAtATime()
    {
        var resources = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToList();
        await AddAsync(resources.SelectMany(r => Enumerable.Range(0, 12).Select(i => New(r, r, at: i, arguments: $"\"{r:N} {i}\""))));
        var workers = Enumerable.Range(0, 3).Select(_ => NewWorker()).ToList();
        foreach (var worker in workers)
        {
            await worker.StartAsync(default);
        }

        await Eventually.UntilAsync(() => Record.Ran.Count == 60, "the jobs have ended");
        foreach (var worker in workers)
        {
            await worker.StopAsync(default);
            worker.Dispose();
        }

        Assert.That(Record.Overlaps, Is.Zero);
        foreach (var resource in resources)
        {
            var order = Record
                .Ran.Where(r => r.StartsWith(resource.ToString("N"), StringComparison.Ordinal))
                .Select(r => int.Parse(r.Split(' ')[1]));
            Assert.That(order, Is.EqualTo(Enumerable.Range(0, 12)));
        }
    }

    [Test]
    public async Task Run_WhenTheWorkerDiedInEveryAttempt_FailsTheJob()
    {
        var job = New(null, options: new JobOptions(Attempts: 2));
        await AddAsync([job]);
        for (var i = 0; i < 2; i++)
        {
            await Claims.ClaimAsync(Guid.NewGuid(), TimeSpan.FromSeconds(-5), 1, Guid.Empty, SlotBounds.None, default);
            await Store.RescueAsync(default);
        }

        using var worker = NewWorker();
        await worker.StartAsync(default);
        await Eventually.UntilAsync(async () => await StateAsync(job.Id) == "failed", "the jobs have ended");
        await worker.StopAsync(default);
        Assert.That(await ScalarAsync($"select error->>'Code' from jobs where id = '{job.Id}'"), Is.EqualTo("worker_lost"));
        Assert.That(Record.Ran, Is.Empty);
    }

    [Test]
    public async Task Run_WhenTheFirstSaveFails_RecordsOneEvent()
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
        await Eventually.UntilAsync(async () => await StateAsync(job.Id) == "succeeded", "the jobs have ended");
        await worker.StopAsync(default);
        Assert.That(await ScalarAsync("select last_value::text from saves"), Is.Not.EqualTo("1"), "the first save failed");
        Assert.That(
            await ScalarAsync($"select count(*)::text from events where action = 'job.succeeded' and target_id = '{job.Id}'"),
            Is.EqualTo("1")
        );
    }

    [Test]
    public async Task Run_WhenTheHandlerEnqueuesAJob_IsItsParent()
    {
        var ann = new Actor("ann", Guid.NewGuid());
        var job = New(null, by: ann, arguments: "1", kind: "script");
        var seen = new ConcurrentQueue<JobRun>();
        Record.Script = async (run, services, cancel) =>
        {
            seen.Enqueue(run);
            if (run.ParentId is null)
            {
                services.GetRequiredService<JobScheduler>().Enqueue(new TypedJobKind<int[]>("script", Permission.JobManage), [2]);
                await services.GetRequiredService<IWombatDbContext>().SaveChangesAsync(cancel);
            }
        };
        await AddAsync([job]);
        using var worker = NewWorker();
        await worker.StartAsync(default);
        await Eventually.UntilAsync(() => seen.Count == 2, "parent and child ran");
        await worker.StopAsync(default);
        Assert.That(
            seen.Select(r => (r.ParentId, r.RequestedBy, r.Arguments)),
            Is.EqualTo(new[] { (null, ann, "1"), ((Guid?)job.Id, ann, "[2]") })
        );
    }

    [TestCase(true, "waiting_retry")]
    [TestCase(false, "failed")]
    public async Task Run_WhenTheErrorIsUnexpected_RetriesOnlyARepeatableJob(bool isRepeatable, string state)
    {
        var job = New(null, options: new JobOptions(IsRepeatable: isRepeatable), kind: "script");
        Record.Script = (_, _, _) => throw new InvalidOperationException("a fault of the handler");
        await AddAsync([job]);
        await ScalarAsync(
            "create function keep() returns trigger language plpgsql as $$ begin new.run_at = now() + interval '1 hour'; return "
                + "new; end $$;"
                + "create trigger keep before update on jobs for each row when (new.state = 'waiting_retry') execute function keep()"
        );
        using var worker = NewWorker();
        await worker.StartAsync(default);
        await Eventually.UntilAsync(async () => await StateAsync(job.Id) == state, $"the job is {state}");
        await worker.StopAsync(default);
        Assert.That(await ScalarAsync($"select error->>'Code' from jobs where id = '{job.Id}'"), Is.EqualTo("internal"));
    }

    [Test]
    public async Task Run_WhenTheArgumentsCannotBeRead_FailsTheJob()
    {
        var job = New(null, arguments: "{\"unknown\": 1}", kind: "script");
        var kind = new TypedJobKind<JobTarget>("script", Permission.JobManage);
        Record.Script = (run, _, _) => Task.FromResult(kind.ArgumentsOf(run));
        await AddAsync([job]);
        using var worker = NewWorker();
        await worker.StartAsync(default);
        await Eventually.UntilAsync(async () => await StateAsync(job.Id) == "failed", "the job has failed");
        await worker.StopAsync(default);
        Assert.That(await ScalarAsync($"select error->>'Code' from jobs where id = '{job.Id}'"), Is.EqualTo("invalid_arguments"));
    }
}
