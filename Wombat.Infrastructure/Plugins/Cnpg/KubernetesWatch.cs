using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>
/// A copy of all objects of a kind, kept current by one list and one watch with bookmarks: as long as nothing changes, it costs one
/// request for each <see cref="Period"/>. A watch that is cut continues where it was; one that has expired (410), was silent for too long
/// or has failed begins with a list again.
/// </summary>
/// <param name="changed">Called after each change with the key of the object.</param>
internal sealed class KubernetesWatch(
    KubernetesApi api,
    KubernetesKind kind,
    string? space,
    string selector,
    Action<string?> changed,
    TimeProvider time
)
{
    /// <summary>How long a watch lasts. The server ends it, which proves that no event was lost until then.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    // A connection that is silent for longer may be dead.
    private static readonly TimeSpan LongestSilence = Period + TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FullListInterval = TimeSpan.FromMinutes(30);

    // The pause doubles with each watch in a row that ended soon and told nothing.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private const int MaxDoublings = 5;

    private readonly ConcurrentDictionary<ClusterId, JsonObject> objects = new();
    private long heardAt;
    private int told;
    private volatile bool isListed;
    private volatile string? failure;

    /// <summary>Whether the copy is what the server had not long ago.</summary>
    public bool IsCurrent => isListed && time.GetElapsedTime(Interlocked.Read(ref heardAt)) < LongestSilence;

    /// <summary>Why the last watch has failed; null when it has not.</summary>
    public string? Failure => failure;

    /// <summary>The objects by namespace and name; it changes with them.</summary>
    public IReadOnlyDictionary<ClusterId, JsonObject> Objects => objects;

    /// <summary>Completes when cancelled, and never fails.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        string? version = null;
        var (listedAt, silent) = (0L, 0);
        while (!cancel.IsCancellationRequested)
        {
            var (beganAt, toldBefore) = (time.GetTimestamp(), told);
            try
            {
                if (version is null || time.GetElapsedTime(listedAt) > FullListInterval)
                {
                    (version, listedAt) = (await ListAsync(cancel), time.GetTimestamp());
                }

                version = await WatchAsync(version, cancel);
            }
            catch (Exception) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever it was: if the watch ended for good, changes would stay unseen.
                version = null;
                if (!IsExpired(e))
                {
                    isListed = false;
                    failure = KubernetesFailure.Of(e)?.Message ?? e.Message;
                }
            }

            silent = told == toldBefore && time.GetElapsedTime(beganAt) < LongestPause ? silent + 1 : 0;
            await Task.Delay(PauseAfter(silent), time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<string> ListAsync(CancellationToken cancel)
    {
        var (all, version) = await api.ListWithVersionAsync(kind, space, selector, cancel);
        var listed = all.ToDictionary(IdOf);
        foreach (var gone in objects.Keys.Where(k => !listed.ContainsKey(k)))
        {
            Remove(gone);
        }

        foreach (var (id, item) in listed)
        {
            if (!objects.TryGetValue(id, out var known) || VersionOf(known) != VersionOf(item))
            {
                Set(id, item);
            }
        }

        isListed = true;
        Hear();
        return version;
    }

    // The version from which the next watch continues; null when that is unknown.
    private async Task<string?> WatchAsync(string version, CancellationToken cancel)
    {
        try
        {
            using var silence = new CancellationTokenSource(LongestSilence, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, silence.Token);
            await foreach (var (type, item) in api.WatchAsync(kind, space, selector, version, Period, either.Token))
            {
                silence.CancelAfter(LongestSilence);
                told++;
                version = VersionOf(item);
                Apply(type, item);
                Hear();
            }

            Hear();
        }
        catch (Exception e) when (HasEnded(e))
        {
            // The next watch tells what has happened since.
            if (e.InnerException is EndOfStreamException)
            {
                // The client fails so when the server ends a watch without an event, which is the rule when nothing changes.
                Hear();
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            isListed = false;
            return null;
        }

        return version;
    }

    private void Apply(WatchEventType type, JsonObject item)
    {
        switch (type)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                Set(IdOf(item), item);
                break;
            case WatchEventType.Deleted:
                Remove(IdOf(item));
                break;
        }
    }

    private void Set(ClusterId id, JsonObject item)
    {
        objects[id] = Compact(item);
        changed(KeyOf(item));
    }

    private void Remove(ClusterId id)
    {
        if (objects.TryRemove(id, out var gone))
        {
            changed(KeyOf(gone));
        }
    }

    private void Hear()
    {
        Interlocked.Exchange(ref heardAt, time.GetTimestamp());
        failure = null;
    }

    private static TimeSpan PauseAfter(int silent)
    {
        var pause = ShortestPause * Math.Pow(2, Math.Clamp(silent - 1, 0, MaxDoublings));
        return pause < LongestPause ? pause : LongestPause;
    }

    // Whether an open connection has ended, also before the first event.
    private static bool HasEnded(Exception e) =>
        e
            is IOException
                or HttpRequestException
                {
                    InnerException: IOException,
                    HttpRequestError: not (HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError)
                };

    private static bool IsExpired(Exception e) =>
        e
            is KubernetesException { Status.Code: (int)HttpStatusCode.Gone }
                or HttpOperationException { Response.StatusCode: HttpStatusCode.Gone };

    // A listed object refers to the text of its whole page, and the fields of managers, which nobody reads, are the longest part of it.
    private static JsonObject Compact(JsonObject item)
    {
        item["metadata"]!.AsObject().Remove("managedFields");
        return JsonNode.Parse(item.ToJsonString())!.AsObject();
    }

    private static ClusterId IdOf(JsonObject item) => new ClusterView(item).Id;

    private static string? KeyOf(JsonObject item) => new ClusterView(item).Key;

    private static string VersionOf(JsonObject item) => item["metadata"]!["resourceVersion"]!.GetValue<string>();
}
