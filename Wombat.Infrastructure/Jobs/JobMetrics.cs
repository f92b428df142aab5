using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Wombat.Infrastructure.Jobs;

/// <summary>Metrics of this process's worker.</summary>
public sealed class JobMetrics : IDisposable
{
    private readonly Meter meter = new("Wombat.Jobs");
    private readonly Counter<long> finished;
    private readonly Histogram<double> duration;
    private readonly ConcurrentDictionary<(string Kind, string Outcome), double> endedAt = new();
    private readonly TimeProvider clock;

    public JobMetrics(TimeProvider clock)
    {
        this.clock = clock;
        finished = meter.CreateCounter<long>("wombat_jobs_finished", description: "Finished attempts, by kind and outcome.");
        duration = meter.CreateHistogram<double>("wombat_job_duration", description: "Duration of attempts, by kind and outcome.");
        meter.CreateObservableGauge(
            "wombat_job_ended_timestamp_seconds",
            Ends,
            description: "End of the last attempt by kind and outcome, in seconds since 1970."
        );
    }

    public void Finished(string kind, string outcome, TimeSpan took)
    {
        endedAt[(kind, outcome)] = clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000d;
        finished.Add(1, Tag("kind", kind), Tag("outcome", outcome));
        duration.Record(took.TotalSeconds, Tag("kind", kind), Tag("outcome", outcome));
    }

    public void Dispose() => meter.Dispose();

    private IEnumerable<Measurement<double>> Ends() =>
        endedAt.Select(e => new Measurement<double>(e.Value, Tag("kind", e.Key.Kind), Tag("outcome", e.Key.Outcome)));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
