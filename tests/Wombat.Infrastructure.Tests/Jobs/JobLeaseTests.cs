using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wombat.Application.Jobs;
using Wombat.Domain.Jobs;
using Wombat.Infrastructure.Jobs;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Jobs;

/// <summary>Leases, heartbeats, rescue, and the jobs of lost workers.</summary>
public sealed class JobLeaseTests : JobTestBase
{
    [Test]
    public async Task Rescue_WhenTheLeaseExpired_QueuesTheJobAndFencesTheOldWorker()
    {
        await AddAsync([New(null)]);
        var lost = (await Claims.ClaimAsync(Worker, TimeSpan.FromSeconds(-5), 1, Guid.Empty, SlotBounds.None, default)).Jobs.Single();
        Assert.That(await Store.RescueAsync(default), Is.EqualTo(1));
        Assert.That(await Store.HeartbeatAsync(Worker, [lost.Id], Lease, default), Is.Empty);
        var other = Guid.NewGuid();
        var again = (await Claims.ClaimAsync(other, Lease, 1, Guid.Empty, SlotBounds.None, default)).Jobs.Single();
        Assert.That((again.Id, again.Attempt), Is.EqualTo((lost.Id, 2)));
        Assert.That(await Store.ReleaseAsync(Worker, lost, TimeSpan.Zero, null, default), Is.False);
        await Store.SucceedAsync(Worker, [lost.Id], default);
        Assert.That(await StateAsync(lost.Id), Is.EqualTo("running"), "the end by the old worker is rejected");
        var logs = Services.GetRequiredService<JobLogStore>();
        Assert.That(await logs.AppendAsync(lost, Worker, Block("old"), default), Is.False, "log lines of the old worker are rejected");
        Assert.That(await logs.AppendAsync(again, other, Block("new"), default), Is.True);
        Assert.That(await logs.AppendAsync(again, other, Block("new"), default), Is.True, "a repeated end changes nothing");
        Assert.That(await logs.ReadAsync(lost.Id, 0, 10, default), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task LogsOfSeveralJobs_WrittenAndReadAtOnce_AreThoseOfEachJob()
    {
        await AddAsync([.. Enumerable.Range(0, 20).Select(_ => New(null))]);
        var jobs = (await Claims.ClaimAsync(Worker, Lease, 20, Guid.Empty, SlotBounds.None, default)).Jobs;
        var logs = Services.GetRequiredService<JobLogStore>();
        var stranger = Guid.NewGuid();
        var stored = await Task.WhenAll(
            jobs.Select((j, i) => logs.AppendAsync(j, i % 5 == 0 ? stranger : Worker, Block($"of {j.Id}"), default))
        );
        Assert.That(stored, Is.EqualTo(jobs.Select((_, i) => i % 5 != 0)), "only the worker that holds a job writes its log");
        var read = await Task.WhenAll(
            jobs.Append(jobs[0] with { Id = Guid.NewGuid() }).Select(j => logs.ReadOnAsync(j.Id, 0, 10, default))
        );
        for (var i = 0; i < jobs.Count; i++)
        {
            var (outcome, blocks) = read[i]!.Value;
            Assert.That(outcome.Status, Is.EqualTo(JobState.Running));
            var texts = blocks.SelectMany(b => b.Lines()).Select(l => l.Text);
            Assert.That(texts, Is.EqualTo(i % 5 == 0 ? [] : new[] { $"of {jobs[i].Id}" }));
        }

        Assert.That(read[^1], Is.Null, "there is no such job");
    }

    [Test]
    public async Task HeartbeatAndRescue_WhenAJobIsLocked_DoNotWait()
    {
        await AddAsync([New(Guid.NewGuid()), New(Guid.NewGuid())]);
        var jobs = (await Claims.ClaimAsync(Worker, Lease, 8, Guid.Empty, SlotBounds.None, default)).Jobs.Select(j => j.Id).ToArray();
        await using var other = await Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using var change = await other.BeginTransactionAsync();
        await using var command = new NpgsqlCommand($"update jobs set priority = 7 where id = '{jobs[0]}'", other);
        await command.ExecuteNonQueryAsync();

        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var beside = await Store.HeartbeatAsync(Worker, jobs, TimeSpan.FromSeconds(-10), soon.Token);
        Assert.That(beside, Is.EquivalentTo(new Dictionary<Guid, (bool, bool)> { [jobs[0]] = (false, false), [jobs[1]] = (true, false) }));
        await ScalarAsync($"update jobs set lease_until = now() - interval '1 hour' where id = '{jobs[1]}'");
        Assert.That(await Store.RescueAsync(soon.Token), Is.EqualTo(1));
        await change.CommitAsync();
        var after = await Store.HeartbeatAsync(Worker, jobs, Lease, default);
        Assert.That(
            after,
            Is.EquivalentTo(new Dictionary<Guid, (bool, bool)> { [jobs[0]] = (true, false) }),
            "the expired lease was rescued"
        );
    }

    [Test]
    public async Task Rescue_WhenTheJobIsNotRepeatable_EndsItAsInterrupted()
    {
        var job = New(null, options: new JobOptions(Attempts: 3, IsRepeatable: false), kind: "script");
        await AddAsync([job]);
        await Claims.ClaimAsync(Guid.NewGuid(), TimeSpan.FromSeconds(-5), 1, Guid.Empty, SlotBounds.None, default);
        Assert.That(await Store.RescueAsync(default), Is.EqualTo(1));
        var ran = false;
        Record.Script = (_, _, _) => Task.FromResult(ran = true);
        using var worker = NewWorker();
        await worker.StartAsync(default);
        await Eventually.UntilAsync(async () => await StateAsync(job.Id) == "interrupted", "the job is interrupted");
        await worker.StopAsync(default);
        Assert.That(ran, Is.False);
        Assert.That(Record.Ended.Select(e => (e.State, e.Error.Code)), Is.EqualTo(new[] { (JobState.Interrupted, "worker_lost") }));
        Assert.That(await OutcomeOfEventAsync(job.Id), Is.EqualTo("job.interrupted failure"));
    }

    [Test]
    public async Task Drain_WhenTheJobIsNotRepeatable_EndsItAsInterrupted()
    {
        var job = New(null, options: new JobOptions(IsRepeatable: false), kind: "script");
        var started = new TaskCompletionSource();
        Record.Script = async (_, _, cancel) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        };
        await AddAsync([job]);
        using var worker = NewWorker(drain: TimeSpan.Zero);
        await worker.StartAsync(default);
        await started.Task;
        await worker.StopAsync(default);
        Assert.That(await StateAsync(job.Id), Is.EqualTo("interrupted"));
    }

    [Test]
    public async Task Drain_WhenTheJobIsRepeatable_ReturnsItWithoutCountingTheAttempt()
    {
        var job = New(null, kind: "script");
        var started = new TaskCompletionSource();
        Record.Script = async (_, _, cancel) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        };
        await AddAsync([job]);
        using var worker = NewWorker(drain: TimeSpan.Zero);
        await worker.StartAsync(default);
        await started.Task;
        await worker.StopAsync(default);
        Assert.That(await ScalarAsync($"select state || ' ' || attempt from jobs where id = '{job.Id}'"), Is.EqualTo("queued 0"));
    }

    [Test]
    public async Task Drain_WhenAJobWasStoppedBeforeItsLeaseExpired_ReturnsItToTheQueueWithoutCountingTheAttempt()
    {
        var job = New(null, kind: "script");
        var (started, stopped) = (new TaskCompletionSource(), new TaskCompletionSource());
        Record.Script = async (_, _, cancel) =>
        {
            started.SetResult();
            await using var registration = cancel.Register(stopped.SetResult);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        };
        await AddAsync([job]);
        using var worker = NewWorker(lease: TimeSpan.FromSeconds(2));
        await worker.StartAsync(default);
        await started.Task;

        // A heartbeat and a rescue skip the locked row.
        await using var other = await Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using var locking = await other.BeginTransactionAsync();
        await using var command = new NpgsqlCommand($"select 1 from jobs where id = '{job.Id}' for update", other);
        await command.ExecuteNonQueryAsync();
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(25));
        var stopping = worker.StopAsync(default);
        await locking.RollbackAsync();
        await stopping;
        Assert.That(await ScalarAsync($"select state || ' ' || attempt from jobs where id = '{job.Id}'"), Is.EqualTo("queued 0"));
    }

    [Test]
    public async Task Lease_WhileTheHandlerRuns_IsRenewed()
    {
        var job = New(null, kind: "script");
        var (started, finish) = (new TaskCompletionSource(), new TaskCompletionSource());
        Record.Script = async (_, _, cancel) =>
        {
            started.SetResult();
            await finish.Task.WaitAsync(cancel);
        };
        await AddAsync([job]);
        using var worker = NewWorker(lease: TimeSpan.FromSeconds(1));
        await worker.StartAsync(default);
        await started.Task;
        var first = await ScalarAsync($"select lease_until::text from jobs where id = '{job.Id}'");
        await Eventually.UntilAsync(
            async () =>
                await ScalarAsync(
                    $"select lease_until::text from jobs where id = '{job.Id}' and lease_until > '{first}'::timestamptz + "
                        + "interval '1 second'"
                )
                    is not null,
            "the lease was renewed"
        );
        finish.SetResult();
        await Eventually.UntilAsync(async () => await StateAsync(job.Id) == "succeeded", "the job has succeeded");
        await worker.StopAsync(default);
        Assert.That(await ScalarAsync($"select attempt::text from jobs where id = '{job.Id}'"), Is.EqualTo("1"));
    }

    [Test]
    public async Task Run_WhenTheLeaseIsLost_StopsAndSavesNothing()
    {
        var job = New(null, kind: "script");
        var (started, stopped) = (new TaskCompletionSource(), new TaskCompletionSource());
        Record.Script = async (run, _, cancel) =>
        {
            started.TrySetResult();
            await using var registration = cancel.Register(stopped.SetResult);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        };
        await AddAsync([job]);
        using var worker = NewWorker(lease: TimeSpan.FromSeconds(1));
        await worker.StartAsync(default);
        await started.Task;
        var other = Guid.NewGuid();
        await ScalarAsync(
            $"update jobs set worker = '{other}', attempt = 2, lease_until = now() + interval '1 hour' where id = '{job.Id}'"
        );
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(25));
        await worker.StopAsync(default);
        Assert.That(await ScalarAsync($"select state || ' ' || worker from jobs where id = '{job.Id}'"), Is.EqualTo($"running {other}"));
        Assert.That(Record.Ended, Is.Empty);
    }

    private static LogBlock[] Block(string text)
    {
        var block = new LogBlockBuilder(100);
        block.Add(DateTimeOffset.UnixEpoch, new LogEntry(LogStream.Stdout, Encoding.UTF8.GetBytes(text)));
        return [block.Build(1)];
    }

    private Task<string?> OutcomeOfEventAsync(Guid job) =>
        ScalarAsync($"select action || ' ' || outcome from events where target_id = '{job}' and action like 'job.%'");
}
