using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>
/// Does what CloudNativePG does with Clusters, Poolers and Backups, as far as a client sees it: each Cluster is a real PostgreSQL server
/// on this machine, each Pooler a real PgBouncer.
/// </summary>
public sealed class CnpgOperator(k8s.Kubernetes client) : IAsyncDisposable
{
    // A test that leaves its servers would exhaust the memory and the disk of the machine.
    private const int ServersMax = 24;

    // Watches wake it before.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentDictionary<string, CnpgFault> faults = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CnpgCluster> clusters = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CnpgPooler> poolers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> work = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> done = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> ports = new(StringComparer.Ordinal);
    private readonly CnpgObjects objects = new(client);
    private readonly CnpgChanges changes = new(client);
    private readonly TestFolder folder = new();
    private readonly TestCertificate certificate = TestCertificate.Create();
    private readonly CancellationTokenSource stop = new();
    private CnpgServers servers = null!;
    private Task running = Task.CompletedTask;
    private int made;

    /// <summary>What went wrong in the operator itself.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    public async Task StartAsync()
    {
        servers = await CnpgServers.PrepareAsync(Path.Combine(folder.Path, "servers"), certificate);
        running = Task.WhenAll(Task.Run(RunAsync), changes.RunAsync(stop.Token));
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

        changes.Set();
    }

    /// <summary>Archives the WAL of a cluster, as the operator does every five minutes.</summary>
    /// <inheritdoc cref="SetFault" path="/param"/>
    public Task ArchiveAsync(string cluster) => clusters[cluster].ArchiveAsync();

    /// <summary>Deletes everything in a namespace, and waits until its servers and their data are gone.</summary>
    public async Task ClearAsync(string space)
    {
        foreach (var cluster in faults.Keys.Where(k => IsIn(space, k)))
        {
            SetFault(cluster, null);
        }

        foreach (var plural in new[] { "scheduledbackups", "poolers", "clusters", "backups" })
        {
            await objects.DeleteAllAsync(plural, space);
        }

        await Eventually.UntilAsync(() => !clusters.Keys.Concat(poolers.Keys).Any(k => IsIn(space, k)), $"the servers in {space} are gone");
        if (Directory.Exists(ArchivesOf(space)))
        {
            Directory.Delete(ArchivesOf(space), recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(work.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(poolers.Values.Select(p => p.DisposeAsync().AsTask()));
        await Task.WhenAll(clusters.Values.Select(c => c.DisposeAsync().AsTask()));
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

            await changes.WaitAsync(Interval, stop.Token);
            await Task.Delay(Gathering, stop.Token);
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
            var own = secrets[CnpgObjects.Namespace(json)].Where(s => IsOf(json, s));
            Begin(Key(json), () => ReconcileClusterAsync(json), $"{Wanted(json)} {FaultOf(Key(json))} {string.Join(',', own)}");
        }

        foreach (var gone in clusters.Keys.Except(seen.Select(Key), StringComparer.Ordinal))
        {
            Begin(gone, () => RemoveClusterAsync(gone));
        }

        var pools = await objects.ListAsync("poolers", stop.Token);
        foreach (var json in pools)
        {
            var server = clusters.GetValueOrDefault(ClusterOf(json));
            var state = $"{Wanted(json)} {FaultOf(ClusterOf(json))} {server?.Uid} {server?.Instance.IsRunning}";
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

    // One task for each object at a time, and none while nothing has changed since one that completed its work.
    private void Begin(string key, Func<Task<bool>> what, string? state = null)
    {
        if (work.TryGetValue(key, out var before) && !before.IsCompleted || state is not null && done.GetValueOrDefault(key) == state)
        {
            return;
        }

        work[key] = Task.Run(async () =>
        {
            try
            {
                if (await what())
                {
                    done[key] = state ?? "";
                    changes.Set();
                }
            }
            catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
            {
                // It was deleted meanwhile.
            }
            catch (Exception e)
            {
                Errors.Enqueue($"{key}: {e}");
            }
        });
    }

    private async Task<bool> ReconcileClusterAsync(JsonObject json)
    {
        var fault = FaultOf(Key(json));
        if (json["metadata"]!["deletionTimestamp"] is not null)
        {
            // As the garbage collector does, without the operator, when everything below a Cluster is gone.
            await RemoveClusterAsync(Key(json));
            var metadata = new JsonObject { ["finalizers"] = null };
            var patch = new JsonObject { ["metadata"] = metadata };
            await objects.MergeAsync("clusters", CnpgObjects.Namespace(json), CnpgObjects.Name(json), patch);
            return true;
        }

        if (fault.IsAway)
        {
            return true;
        }

        if (fault.Phase is { } phase)
        {
            await objects.SetStatusAsync("clusters", json, new JsonObject { ["phase"] = phase, ["phaseReason"] = fault.PhaseReason });
            return true;
        }

        return await (await ClusterAsync(json)).ReconcileAsync(json, fault);
    }

    private async Task<CnpgCluster> ClusterAsync(JsonObject json)
    {
        var key = Key(json);
        if (clusters.TryGetValue(key, out var known))
        {
            if (known.Uid == CnpgObjects.Uid(json))
            {
                return known;
            }

            await RemoveClusterAsync(key);
        }

        if (clusters.Count >= ServersMax)
        {
            throw new InvalidOperationException($"{ServersMax} servers run. Which test leaves them?");
        }

        // The paths of sockets are short.
        var instance = new CnpgInstance(servers, $"{Interlocked.Increment(ref made)}", PortOf(key));
        var archives = ArchivesOf(CnpgObjects.Namespace(json));
        return clusters.GetOrAdd(
            key,
            new CnpgCluster(client, objects, json, instance, certificate, name => new CnpgArchive(Path.Combine(archives, name)))
        );
    }

    private async Task<bool> RemoveClusterAsync(string key)
    {
        if (clusters.TryGetValue(key, out var cluster))
        {
            await cluster.RemoveAsync();
            clusters.TryRemove(key, out _);
        }

        return true;
    }

    private async Task<bool> ReconcilePoolerAsync(JsonObject json)
    {
        var cluster = ClusterOf(json);
        var fault = FaultOf(cluster);
        if (fault.IsAway || !clusters.TryGetValue(cluster, out var server))
        {
            return true;
        }

        if (fault.PoolerFailure is { } reason)
        {
            var failed = new JsonObject
            {
                ["phase"] = "failed",
                ["phaseReason"] = reason,
                ["instances"] = 0,
            };
            await objects.SetStatusAsync("poolers", json, failed);
            return true;
        }

        var key = Key(json);
        var pooler = poolers.GetOrAdd(
            key,
            _ => new CnpgPooler(
                client,
                objects,
                Path.Combine(folder.Path, $"pooler-{Interlocked.Increment(ref made)}"),
                PortOf($"pooler {key}"),
                certificate,
                servers
            )
        );
        await pooler.ReconcileAsync(json, server);
        return true;
    }

    private async Task<bool> RemovePoolerAsync(string key)
    {
        if (poolers.TryGetValue(key, out var pooler))
        {
            await pooler.RemoveAsync();
            poolers.TryRemove(key, out _);
        }

        return true;
    }

    private async Task<bool> BackUpAsync(JsonObject json)
    {
        var cluster = ClusterOf(json);
        if (FaultOf(cluster).BackupFailure is { } reason)
        {
            await objects.SetStatusAsync("backups", json, new JsonObject { ["phase"] = "failed", ["error"] = reason });
        }
        else if (!FaultOf(cluster).IsAway && clusters.TryGetValue(cluster, out var server))
        {
            try
            {
                await server.BackUpAsync(json);
            }
            catch (Exception e)
            {
                await objects.SetStatusAsync("backups", json, new JsonObject { ["phase"] = "failed", ["error"] = e.Message });
                throw;
            }
        }

        return true;
    }

    // As a Service, an address outlives what it leads to.
    private int PortOf(string key) => ports.GetOrAdd(key, _ => FreePort.Next());

    private string ArchivesOf(string space) => Path.Combine(folder.Path, "object-store", space);

    private CnpgFault FaultOf(string cluster) => faults.GetValueOrDefault(cluster) ?? new CnpgFault();

    private static bool IsIn(string space, string key) => key.StartsWith($"{space}/", StringComparison.Ordinal);

    private static string ClusterOf(JsonObject json) =>
        $"{CnpgObjects.Namespace(json)}/{json["spec"]!["cluster"]!["name"]!.GetValue<string>()}";

    // What the operator acts on; a change of the status is its own.
    private static string Wanted(JsonObject json)
    {
        var metadata = json["metadata"]!;
        var annotations = metadata["annotations"]?.ToJsonString();
        return $"{CnpgObjects.Uid(json)} {metadata["generation"]} {metadata["deletionTimestamp"]} {annotations}";
    }

    private static bool IsOf(JsonObject json, string secret) => secret.StartsWith($"{CnpgObjects.Name(json)}-", StringComparison.Ordinal);

    private static string Key(JsonObject json) => $"{CnpgObjects.Namespace(json)}/{CnpgObjects.Name(json)}";
}
