using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>
/// A copy of all objects of a kind, kept current by one list and one watch with bookmarks: as long as nothing changes, it costs one
/// request for each <see cref="Period"/>. A watch that is cut continues where it was; one that has expired (410) begins with a list again.
/// </summary>
internal sealed class KubernetesWatch(KubernetesApi api, KubernetesKind kind, string? space, string selector, TimeProvider time)
{
    /// <summary>How long a watch lasts. The server ends it, which proves that no event was lost until then.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    // A connection that is silent for longer may be dead.
    private static readonly TimeSpan LongestSilence = Period + TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FullListInterval = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<ClusterId, JsonObject> objects = new();
    private long heardAt;
    private volatile bool isListed;

    /// <summary>Called after each change.</summary>
    public Action OnChange { get; init; } = () => { };

    /// <summary>Whether the copy is what the server had not long ago.</summary>
    public bool IsCurrent => isListed && time.GetElapsedTime(Interlocked.Read(ref heardAt)) < LongestSilence;

    public IReadOnlyList<JsonObject> Objects => [.. objects.Values];

    /// <summary>Completes when cancelled, and never fails.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        string? version = null;
        var listedAt = time.GetTimestamp();
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                if (version is null || time.GetElapsedTime(listedAt) > FullListInterval)
                {
                    (version, listedAt) = (await ListAsync(cancel), time.GetTimestamp());
                }

                version = await WatchAsync(version, cancel);
                await Task.Delay(Pause, time, cancel);
            }
            catch (Exception) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (IsExpired(e))
            {
                version = null;
            }
            catch (Exception e) when (e is ExternalSystemException or KubernetesException || KubernetesFailure.Of(e) is not null)
            {
                (version, isListed) = (null, false);
                await Task.Delay(PauseAfterFailure, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<string> ListAsync(CancellationToken cancel)
    {
        var (all, version) = await api.ListWithVersionAsync(kind, space, selector, cancel);
        var listed = all.ToDictionary(IdOf);
        foreach (var gone in objects.Keys.Where(k => !listed.ContainsKey(k)))
        {
            objects.TryRemove(gone, out _);
        }

        foreach (var (id, item) in listed)
        {
            objects[id] = item;
        }

        isListed = true;
        Hear();
        OnChange();
        return version;
    }

    private async Task<string> WatchAsync(string version, CancellationToken cancel)
    {
        try
        {
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            silence.CancelAfter(LongestSilence);
            await foreach (var (type, item) in api.WatchAsync(kind, space, selector, version, Period, silence.Token))
            {
                silence.CancelAfter(LongestSilence);
                version = VersionOf(item);
                Hear();
                Apply(type, item);
            }

            Hear();
        }
        catch (IOException)
        {
            // The connection was cut. The next watch tells what has happened since.
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            isListed = false;
        }

        return version;
    }

    private void Apply(WatchEventType type, JsonObject item)
    {
        switch (type)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                objects[IdOf(item)] = item;
                OnChange();
                break;
            case WatchEventType.Deleted:
                objects.TryRemove(IdOf(item), out _);
                OnChange();
                break;
        }
    }

    private void Hear() => Interlocked.Exchange(ref heardAt, time.GetTimestamp());

    private static bool IsExpired(Exception e) =>
        e
            is KubernetesException { Status.Code: (int)HttpStatusCode.Gone }
                or HttpOperationException { Response.StatusCode: HttpStatusCode.Gone };

    private static ClusterId IdOf(JsonObject item) => new ClusterView(item).Id;

    private static string VersionOf(JsonObject item) => item["metadata"]!["resourceVersion"]!.GetValue<string>();
}
