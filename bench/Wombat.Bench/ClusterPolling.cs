using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using k8s;

namespace Wombat.Bench;

/// <summary>The baseline of <see cref="ClusterBench"/>: a loop that gets each Cluster every ten seconds, evenly spread.</summary>
internal sealed class ClusterPolling(Kubernetes client, IReadOnlyList<SeededCluster> clusters)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (string Reason, long From)> expected = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<double> latencies = [];

    /// <summary>Milliseconds from a change to the answer that shows it.</summary>
    public List<double> Latencies => [.. latencies];

    /// <summary>Whether a change of the cluster has not been seen yet.</summary>
    public bool IsExpected(SeededCluster cluster) => expected.ContainsKey(cluster.Name);

    public void Expect(SeededCluster cluster, string reason) => expected[cluster.Name] = (reason, Stopwatch.GetTimestamp());

    public async Task RunAsync(CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        var calls = new List<Task>();
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            var rest = (Interval / clusters.Count * n) - Stopwatch.GetElapsedTime(start);
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            calls.RemoveAll(c => c.IsCompletedSuccessfully);
            calls.Add(GetAsync(clusters[n % clusters.Count]));
        }

        await Task.WhenAll(calls);
    }

    private async Task GetAsync(SeededCluster cluster)
    {
        var got = (JsonElement)
            await client.CustomObjects.GetNamespacedCustomObjectAsync(
                "postgresql.cnpg.io",
                "v1",
                ClusterSeed.Namespace,
                "clusters",
                cluster.Name
            );
        if (
            expected.TryGetValue(cluster.Name, out var change)
            && got.GetProperty("status").TryGetProperty("phaseReason", out var reason)
            && reason.GetString() == change.Reason
            && expected.TryRemove(cluster.Name, out _)
        )
        {
            latencies.Add(Stopwatch.GetElapsedTime(change.From).TotalMilliseconds);
        }
    }
}
