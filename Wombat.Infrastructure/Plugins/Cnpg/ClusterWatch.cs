using Wombat.Infrastructure.Notifications;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>
/// Watches the objects of all databases, from the first time that somebody asks until nobody has asked for a while.
/// </summary>
internal sealed class ClusterWatch : IDisposable
{
    // The server may tell a watch later than it answers the call that made a change.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(3);

    // Only the replica that reconciles asks.
    private static readonly TimeSpan LongestDisuse = TimeSpan.FromMinutes(10);

    private readonly KubernetesApi api;
    private readonly TimeProvider time;
    private readonly AsyncAutoResetEvent changed = new();
    private readonly Dictionary<KubernetesKind, KubernetesWatch> watches;
    private readonly CancellationTokenSource ending = new();
    private readonly Lock starting = new();
    private Task running = Task.CompletedTask;
    private long askedAt;

    public ClusterWatch(KubernetesApi api, CnpgOptions options, TimeProvider time)
    {
        (this.api, this.time) = (api, time);
        watches = KindsOf(options)
            .ToDictionary(
                k => k,
                k => new KubernetesWatch(api, k, options.FixedNamespace, CnpgNames.KeyLabel, time) { OnChange = changed.Set }
            );
    }

    /// <summary>The kinds of objects that tell the state of a database.</summary>
    public static IReadOnlyList<KubernetesKind> KindsOf(CnpgOptions options)
    {
        KubernetesKind[] all =
        [
            KubernetesKind.Cluster,
            KubernetesKind.Pooler,
            KubernetesKind.ScheduledBackup,
            KubernetesKind.NetworkPolicy,
        ];
        return options.UsesLoadBalancer ? [.. all, KubernetesKind.Service] : all;
    }

    /// <summary>What the watches have told; null when that may be outdated, for example after a change that was just made.</summary>
    public ClusterSnapshot? Read()
    {
        EnsureRuns();
        return time.GetElapsedTime(api.ChangedAt) > LongestDelay && watches.Values.All(w => w.IsCurrent)
            ? new ClusterSnapshot(watches.ToDictionary(w => w.Key, w => w.Value.Objects))
            : null;
    }

    public Task WaitForChangeAsync(CancellationToken cancel)
    {
        EnsureRuns();
        return changed.WaitAsync(cancel);
    }

    public void Dispose()
    {
        ending.Cancel();
        ending.Dispose();
    }

    private void EnsureRuns()
    {
        Interlocked.Exchange(ref askedAt, time.GetTimestamp());
        lock (starting)
        {
            if (running.IsCompleted && !ending.IsCancellationRequested)
            {
                running = RunAsync(ending.Token);
            }
        }
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var all = Task.WhenAll(watches.Values.Select(w => w.RunAsync(stop.Token)));
        while (!cancel.IsCancellationRequested && time.GetElapsedTime(Interlocked.Read(ref askedAt)) < LongestDisuse)
        {
            await Task.Delay(LongestDisuse, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await stop.CancelAsync();
        await all;
    }
}
