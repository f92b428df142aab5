using System.Collections.Concurrent;
using System.Diagnostics;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Tracing;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Jobs;

/// <summary>The span of each attempt of a job.</summary>
public sealed class JobTracingTests : JobTestBase
{
    private readonly ConcurrentQueue<Activity> ended = new();

    [Test]
    public async Task Span_WhenAnAttemptFails_HasTheError_AndThatOfTheNextAttemptHasNone()
    {
        var job = New(null, kind: "script");
        using var listener = Listen(job.Id);
        Record.Script = (run, _, _) =>
            run.Attempt == 1
                ? throw ExternalSystemException.Unavailable(ErrorCode.PluginUnavailable, "It is down.")
                : run.Log.WriteAsync("done", CancellationToken.None).AsTask();
        await AddAsync([job]);
        using var worker = NewWorker();
        await worker.StartAsync(default);
        await Eventually.UntilAsync(() => ended.Count == 2, "both attempts have ended");
        await worker.StopAsync(default);

        Assert.That(
            ended.Select(s => (s.GetTagItem("wombat.job.attempt"), s.Status, s.StatusDescription, s.GetTagItem("error.type"))),
            Is.EqualTo(
                new (object?, ActivityStatusCode, string?, object?)[]
                {
                    (1, ActivityStatusCode.Error, "It is down.", "plugin_unavailable"),
                    (2, ActivityStatusCode.Unset, null, null),
                }
            )
        );
    }

    [Test]
    public async Task Span_WhenTheJobFails_HasTheError()
    {
        var job = New(null, kind: "script");
        using var listener = Listen(job.Id);
        Record.Script = (_, _, _) => throw new ExternalSystemException(ExternalFailure.Capacity, "No room.");
        await AddAsync([job]);
        using var worker = NewWorker();
        await worker.StartAsync(default);
        await Eventually.UntilAsync(() => !ended.IsEmpty, "the attempt has ended");
        await worker.StopAsync(default);

        Assert.That(await StateAsync(job.Id), Is.EqualTo("failed"));
        Assert.That(
            (ended.First().Status, ended.First().GetTagItem("error.type")),
            Is.EqualTo((ActivityStatusCode.Error, (object)"capacity"))
        );
    }

    private ActivityListener Listen(Guid job)
    {
        ended.Clear();
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == WombatTracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Name == "job script" ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.GetTagItem("wombat.job.id") is Guid id && id == job)
                {
                    ended.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
