using System.Diagnostics.Metrics;

namespace Wombat.Infrastructure.Jobs;

/// <summary>Counts of what this process's worker has done.</summary>
public sealed class JobMetrics : IDisposable
{
    private readonly Meter meter = new("Wombat.Jobs");
    private readonly Counter<long> finished;

    public JobMetrics() => finished = meter.CreateCounter<long>("wombat_jobs_finished", description: "Attempts that ended, by kind and outcome.");

    public void Finished(string kind, string outcome) =>
        finished.Add(1, new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("outcome", outcome));

    public void Dispose() => meter.Dispose();
}
