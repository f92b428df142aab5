using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Wombat.Infrastructure.Jobs;

/// <summary>Counts of what this process's worker has done.</summary>
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
        finished = meter.CreateCounter<long>("wombat_jobs_finished", description: "Attempts that ended, by kind and outcome.");
        duration = meter.CreateHistogram<double>("wombat_job_duration", description: "Time that an attempt took, by kind and outcome.");
        meter.CreateObservableGauge(
            "wombat_job_ended_timestamp_seconds",
            Ends,
            description: "When the last attempt of a kind ended with an outcome, in seconds since 1970."
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
