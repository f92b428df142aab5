using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using Wombat.Infrastructure.Configuration;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>
/// Does what CloudNativePG does with Clusters, Poolers and Backups, as far as a client sees it: each Cluster is a real PostgreSQL server
/// on this machine, each Pooler a real PgBouncer.
/// </summary>
public sealed class CnpgOperator(k8s.Kubernetes client) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, CnpgFault> faults = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CnpgCluster> clusters = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CnpgPooler> poolers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> work = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> done = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> ports = new(StringComparer.Ordinal);
    private readonly CnpgObjects objects = new(client);
    private readonly TestFolder folder = new();
    private readonly TestCertificate certificate = TestCertificate.Create();
    private readonly CancellationTokenSource stop = new();
    private Task running = Task.CompletedTask;

    /// <summary>What went wrong in the operator itself.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    public void Start()
    {
        SecretFile.Write(Path.Combine(folder.Path, CnpgInstance.PasswordFile), Guid.NewGuid().ToString("N"));
        running = Task.Run(RunAsync);
    }

    /// <summary>Lets something go wrong with a cluster; null to mend it.</summary>
    /// <param name="cluster">Its namespace and name, as <c>namespace/name</c>.</param>
    public void SetFault(string cluster, CnpgFault? fault)
    {
        if (fault is null)
        {
            faults.TryRemove(cluster, out _);
        }
        else
        {
            faults[cluster] = fault;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(work.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var pooler in poolers.Values)
        {
            await pooler.DisposeAsync();
        }

        foreach (var cluster in clusters.Values)
        {
            await cluster.DisposeAsync();
        }

        stop.Dispose();
        folder.Dispose();
    }

    private async Task RunAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await LookAsync();
            }
            catch (Exception e) when (e is HttpOperationException or HttpRequestException)
            {
                Errors.Enqueue(e.Message);
            }

            await Task.Delay(Interval, stop.Token);
        }
    }

    private async Task LookAsync()
    {
        var secrets = (await client.CoreV1.ListSecretForAllNamespacesAsync(cancellationToken: stop.Token)).Items.ToLookup(
            s => s.Metadata.NamespaceProperty,
            s => $"{s.Metadata.Name} {s.Metadata.ResourceVersion}",
            StringComparer.Ordinal
        );
        var seen = await objects.ListAsync("clusters", stop.Token);
        foreach (var json in seen)
        {
            var state =
                $"{Version(json)} {FaultOf(Key(json))} {string.Join(',', secrets[CnpgObjects.Namespace(json)].Where(s => IsOf(json, s)))}";
            Begin(Key(json), () => ReconcileClusterAsync(json), state);
        }

        foreach (var gone in clusters.Keys.Except(seen.Select(Key), StringComparer.Ordinal))
        {
            Begin(gone, () => RemoveClusterAsync(gone));
        }

        var pools = await objects.ListAsync("poolers", stop.Token);
        foreach (var json in pools)
        {
            var server = clusters.GetValueOrDefault(ClusterOf(json));
            var state = $"{Version(json)} {FaultOf(ClusterOf(json))} {server?.Uid} {server?.Instance.IsRunning}";
            Begin($"pooler {Key(json)}", () => ReconcilePoolerAsync(json), state);
        }

        foreach (var gone in poolers.Keys.Except(pools.Select(Key), StringComparer.Ordinal))
        {
            Begin($"pooler {gone}", () => RemovePoolerAsync(gone));
        }

        foreach (var json in (await objects.ListAsync("backups", stop.Token)).Where(b => b["status"]?["phase"] is null))
        {
            Begin($"backup {Key(json)}", () => BackUpAsync(json));
        }
    }

    // One task for each object at a time, and none while nothing has changed since the last one.
    private void Begin(string key, Func<Task> what, string? state = null)
    {
        if (work.TryGetValue(key, out var before) && !before.IsCompleted || state is not null && done.GetValueOrDefault(key) == state)
        {
            return;
        }

        work[key] = Task.Run(async () =>
        {
            try
            {
                await what();
                if (state is not null)
                {
                    done[key] = state;
                }
            }
            catch (Exception e)
            {
                Errors.Enqueue($"{key}: {e}");
            }
        });
    }

    private async Task ReconcileClusterAsync(JsonObject json)
    {
        var fault = FaultOf(Key(json));
        if (fault.IsAway)
        {
            return;
        }

        if (json["metadata"]!["deletionTimestamp"] is not null)
        {
            // As the garbage collector does when everything below a Cluster is gone.
            await RemoveClusterAsync(Key(json));
            var metadata = new JsonObject { ["finalizers"] = null };
            await objects.MergeAsync(
                "clusters",
                CnpgObjects.Namespace(json),
                CnpgObjects.Name(json),
                new JsonObject { ["metadata"] = metadata }
            );
            return;
        }

        if (fault.Phase is { } phase)
        {
            await objects.SetStatusAsync("clusters", json, new JsonObject { ["phase"] = phase, ["phaseReason"] = fault.PhaseReason });
            return;
        }

        var uid = json["metadata"]!["uid"]!.GetValue<string>();
        if (clusters.TryGetValue(Key(json), out var known) && known.Uid != uid)
        {
            await RemoveClusterAsync(Key(json));
        }

        var cluster = clusters.GetOrAdd(
            Key(json),
            _ => new CnpgCluster(
                client,
                objects,
                json,
                Path.Combine(folder.Path, Key(json).Replace('/', '-')),
                PortOf(Key(json)),
                certificate,
                SourceOf
            )
        );
        await cluster.ReconcileAsync(json, fault);
    }

    private async Task RemoveClusterAsync(string key)
    {
        if (clusters.TryRemove(key, out var cluster))
        {
            await cluster.RemoveAsync();
        }
    }

    private async Task ReconcilePoolerAsync(JsonObject json)
    {
        var cluster = ClusterOf(json);
        var fault = FaultOf(cluster);
        if (fault.IsAway || !clusters.TryGetValue(cluster, out var server))
        {
            return;
        }

        if (fault.PoolerFailure is { } reason)
        {
            await objects.SetStatusAsync(
                "poolers",
                json,
                new JsonObject
                {
                    ["phase"] = "failed",
                    ["phaseReason"] = reason,
                    ["instances"] = 0,
                }
            );
            return;
        }

        var pooler = poolers.GetOrAdd(
            Key(json),
            _ => new CnpgPooler(
                client,
                objects,
                Path.Combine(folder.Path, $"pooler-{Key(json).Replace('/', '-')}"),
                PortOf($"pooler {Key(json)}"),
                certificate
            )
        );
        await pooler.ReconcileAsync(json, server);
    }

    private async Task RemovePoolerAsync(string key)
    {
        if (poolers.TryRemove(key, out var pooler))
        {
            await pooler.RemoveAsync();
        }
    }

    private async Task BackUpAsync(JsonObject json)
    {
        var cluster = ClusterOf(json);
        if (FaultOf(cluster).BackupFailure is { } reason)
        {
            await objects.SetStatusAsync("backups", json, new JsonObject { ["phase"] = "failed", ["error"] = reason });
        }
        else if (!FaultOf(cluster).IsAway && clusters.TryGetValue(cluster, out var server))
        {
            await server.BackUpAsync(json);
        }
    }

    // As a Service, an address outlives what it leads to.
    private int PortOf(string key) => ports.GetOrAdd(key, _ => FreePort.Next());

    private CnpgArchive SourceOf(string serverName) => new(Path.Combine(folder.Path, "object-store", serverName));

    private CnpgFault FaultOf(string cluster) => faults.GetValueOrDefault(cluster) ?? new CnpgFault();

    private static string ClusterOf(JsonObject json) =>
        $"{CnpgObjects.Namespace(json)}/{json["spec"]!["cluster"]!["name"]!.GetValue<string>()}";

    private static string Version(JsonObject json) => json["metadata"]!["resourceVersion"]!.GetValue<string>();

    private static bool IsOf(JsonObject json, string secret) => secret.StartsWith($"{CnpgObjects.Name(json)}-", StringComparison.Ordinal);

    private static string Key(JsonObject json) => $"{CnpgObjects.Namespace(json)}/{CnpgObjects.Name(json)}";
}
