using System.Diagnostics.Metrics;

namespace Wombat.Api.Http;

/// <summary>Counts failed sign-ins and open streams of this process.</summary>
internal sealed class AccessMetrics : IDisposable
{
    private readonly Meter meter = new("Wombat.Access");
    private readonly Counter<long> failures;
    private readonly UpDownCounter<long> streams;

    public AccessMetrics()
    {
        failures = meter.CreateCounter<long>("wombat_sign_in_failures", description: "Failed sign-ins, by operation.");
        streams = meter.CreateUpDownCounter<long>("wombat_open_streams", description: "Open logs, event streams and exports.");
        streams.Add(0);
    }

    public void SignInFailed(string operation) => failures.Add(1, new KeyValuePair<string, object?>("kind", operation));

    public void StreamOpened() => streams.Add(1);

    public void StreamClosed() => streams.Add(-1);

    public void Dispose() => meter.Dispose();
}
