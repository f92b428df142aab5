using Wombat.Infrastructure.Notifications;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>
/// Watches the objects of all databases, from the first time that somebody asks until nobody has asked or waited for a while.
/// </summary>
internal sealed class ClusterWatch : IDisposable
{
    // The server may tell a watch later than it answers the call that made a change.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(3);

    private readonly KubernetesApi api;
    private readonly TimeProvider time;
    private readonly AsyncAutoResetEvent changed = new();
    private readonly Dictionary<KubernetesKind, KubernetesWatch> watches;
    private readonly CancellationTokenSource ending = new();
    private readonly Lock gate = new();
    private Task running = Task.CompletedTask;
    private HashSet<string> changedKeys = new(StringComparer.Ordinal);
    private long askedAt;
    private int waiting;

    public ClusterWatch(KubernetesApi api, CnpgOptions options, TimeProvider time)
    {
        (this.api, this.time) = (api, time);
        watches = KindsOf(options)
            .ToDictionary(k => k, k => new KubernetesWatch(api, k, options.FixedNamespace, CnpgNames.KeyLabel, Change, time));
    }

    /// <summary>For how long the watches run on when nobody asks: only the replica that reconciles does.</summary>
    public TimeSpan LongestDisuse { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether the watches run and have told what the server had not long ago.</summary>
    public bool IsCurrent => watches.Values.All(w => w.IsCurrent);

    /// <summary>Why watching fails; null when it does not.</summary>
    public string? Failure => watches.Values.Select(w => w.Failure).FirstOrDefault(f => f is not null);

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
        return time.GetElapsedTime(api.ChangedAt) > LongestDelay && IsCurrent ? Snapshot() : null;
    }

    /// <summary>
    /// What the watches have told, with the keys of the databases whose objects have changed since the last call. It may lack a change
    /// that was just made. Null while they cannot watch.
    /// </summary>
    public (ClusterSnapshot All, IReadOnlySet<string> ChangedKeys)? Take()
    {
        EnsureRuns();
        if (!IsCurrent)
        {
            return null;
        }

        // The keys first: each object that they name is in the snapshot.
        HashSet<string> taken;
        lock (gate)
        {
            (taken, changedKeys) = (changedKeys, new HashSet<string>(StringComparer.Ordinal));
        }

        return (Snapshot(), taken);
    }

    public async Task WaitForChangeAsync(CancellationToken cancel)
    {
        EnsureRuns();
        Interlocked.Increment(ref waiting);
        try
        {
            await changed.WaitAsync(cancel);
        }
        finally
        {
            Interlocked.Exchange(ref askedAt, time.GetTimestamp());
            Interlocked.Decrement(ref waiting);
        }
    }

    public void Dispose()
    {
        ending.Cancel();
        ending.Dispose();
    }

    private ClusterSnapshot Snapshot() => new(watches.ToDictionary(w => w.Key, w => w.Value.Objects));

    private void Change(string? key)
    {
        if (key is not null)
        {
            lock (gate)
            {
                changedKeys.Add(key);
            }
        }

        changed.Set();
    }

    private void EnsureRuns()
    {
        Interlocked.Exchange(ref askedAt, time.GetTimestamp());
        lock (gate)
        {
            if (running.IsCompleted && !ending.IsCancellationRequested)
            {
                running = RunAsync(ending.Token);
            }
        }
    }

    private bool IsInUse => Volatile.Read(ref waiting) > 0 || time.GetElapsedTime(Interlocked.Read(ref askedAt)) < LongestDisuse;

    private async Task RunAsync(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var all = Task.WhenAll(watches.Values.Select(w => w.RunAsync(stop.Token)));
        while (!cancel.IsCancellationRequested && IsInUse)
        {
            await Task.Delay(LongestDisuse, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await stop.CancelAsync();
        await all;
    }
}
