using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Polly;
using Polly.Retry;
using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>
/// Calls the Kubernetes API. The client is created at the first call, since it costs time and memory. Every call is bounded, repeated
/// where that can help, and fails as <see cref="ExternalSystemException"/>. All calls can be repeated.
/// </summary>
internal sealed class KubernetesApi : IDisposable
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly CnpgOptions options;
    private readonly Lazy<Kubernetes> client;
    private readonly ResiliencePipeline pipeline;
    private readonly TimeProvider time;
    private long changedAt;

    public KubernetesApi(CnpgOptions options, TimeProvider time)
    {
        (this.options, this.time) = (options, time);
        changedAt = time.GetTimestamp();
        client = new Lazy<Kubernetes>(Connect, LazyThreadSafetyMode.PublicationOnly);
        pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddTimeout(options.CallTimeout)
            .AddRetry(
                new RetryStrategyOptions
                {
                    ShouldHandle = new PredicateBuilder().Handle<Exception>(e => KubernetesFailure.Of(e) is { IsTransient: true }),
                    MaxRetryAttempts = 4,
                    Delay = TimeSpan.FromMilliseconds(200),
                    MaxDelay = LongestDelay,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    DelayGenerator = retry => ValueTask.FromResult(DelayOf(retry.Outcome.Exception)),
                }
            )
            .AddTimeout(options.CallTimeout / 3)
            .Build();
    }

    /// <summary>When this process changed an object last, as a timestamp of the clock.</summary>
    public long ChangedAt => Interlocked.Read(ref changedAt);

    /// <summary>Calls the client with the time-outs and repetitions of all calls.</summary>
    /// <exception cref="ExternalSystemException">The call failed.</exception>
    public async Task<T> CallAsync<T>(Func<Kubernetes, CancellationToken, Task<T>> call, CancellationToken cancel)
    {
        try
        {
            return await pipeline.ExecuteAsync(async (c, token) => await c(client.Value, token).ConfigureAwait(false), call, cancel);
        }
        catch (Exception e) when (KubernetesFailure.Of(e) is { } failure)
        {
            throw failure.ToException(e);
        }
    }

    /// <summary>As <see cref="CallAsync"/>, but null when the object does not exist.</summary>
    public async Task<T?> FindAsync<T>(Func<Kubernetes, CancellationToken, Task<T>> call, CancellationToken cancel)
        where T : class
    {
        try
        {
            return await CallAsync(call, cancel);
        }
        catch (ExternalSystemException e) when (e.Kind == ExternalFailure.NotFound)
        {
            return null;
        }
    }

    public async Task<JsonObject?> FindAsync(KubernetesKind kind, string space, string name, CancellationToken cancel)
    {
        var found = await FindAsync<object>(
            async (c, token) =>
                kind == KubernetesKind.Service
                    ? await c.CoreV1.ReadNamespacedServiceAsync(name, space, cancellationToken: token)
                    : await c.CustomObjects.GetNamespacedCustomObjectAsync(kind.Group, kind.Version, space, kind.Plural, name, token),
            cancel
        );
        return found is null ? null : Node(found);
    }

    /// <summary>All objects with a label in a namespace, or in all namespaces when <paramref name="space"/> is null.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(KubernetesKind kind, string? space, string selector, CancellationToken cancel) =>
        (await ListWithVersionAsync(kind, space, selector, cancel)).Items;

    /// <summary>As <see cref="ListAsync"/>, with the version from which changes can be watched.</summary>
    public Task<(IReadOnlyList<JsonObject> Items, string Version)> ListWithVersionAsync(
        KubernetesKind kind,
        string? space,
        string selector,
        CancellationToken cancel
    ) =>
        CallAsync<(IReadOnlyList<JsonObject>, string)>(
            async (c, token) =>
            {
                // An expired continuation (410) begins again with the first page.
                var all = new List<JsonObject>();
                string? next = null;
                string? version = null;
                do
                {
                    var page = Node(await KubernetesLists.ListPageAsync(c, kind, space, selector, next, token));
                    all.AddRange(page["items"]?.AsArray().OfType<JsonObject>() ?? []);
                    next = page["metadata"]?["continue"]?.GetValue<string>();
                    version ??= page["metadata"]?["resourceVersion"]?.GetValue<string>();
                } while (!string.IsNullOrEmpty(next));

                return (all, version ?? "");
            },
            cancel
        );

    /// <summary>
    /// The changes of the same objects since a version, and bookmarks, until the server ends the watch. One call: it is not repeated.
    /// </summary>
    /// <exception cref="KubernetesException">The server reports an error in the watch, such as 410.</exception>
    public async IAsyncEnumerable<(WatchEventType Type, JsonObject Item)> WatchAsync(
        KubernetesKind kind,
        string? space,
        string selector,
        string version,
        TimeSpan period,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        Exception? failure = null;
        var seconds = (int)period.TotalSeconds;
        await foreach (
            var (type, item) in KubernetesLists.Watch(client.Value, kind, space, selector, version, seconds, e => failure ??= e, cancel)
        )
        {
            yield return (type, Node(item));
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>
    /// Server-side apply: creates the object, or changes the fields in the manifest and removes those that were applied before.
    /// </summary>
    /// <param name="dryRun">Whether the server only checks the manifest.</param>
    public async Task<JsonObject> ApplyAsync(
        KubernetesKind kind,
        JsonObject manifest,
        CancellationToken cancel,
        string manager = CnpgNames.Manager,
        bool dryRun = false
    )
    {
        manifest["apiVersion"] = kind.ApiVersion;
        manifest["kind"] = kind.Kind;
        var (space, name) = (Metadata(manifest, "namespace"), Metadata(manifest, "name"));
        var applied = await CallAsync(
            (c, token) =>
                c.CustomObjects.PatchNamespacedCustomObjectAsync(
                    Patch(manifest, V1Patch.PatchType.ApplyPatch),
                    kind.Group,
                    kind.Version,
                    space,
                    kind.Plural,
                    name,
                    dryRun: dryRun ? "All" : null,
                    fieldManager: manager,
                    force: true,
                    cancellationToken: token
                ),
            cancel
        );
        if (!dryRun)
        {
            Change();
        }

        return Node(applied);
    }

    /// <summary>A merge patch: sets fields, and removes those that are null.</summary>
    public Task AnnotateAsync(KubernetesKind kind, ClusterId id, JsonObject annotations, CancellationToken cancel) =>
        MergeAsync(kind, id, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } }, cancel);

    public async Task MergeAsync(KubernetesKind kind, ClusterId id, JsonObject patch, CancellationToken cancel)
    {
        await CallAsync(
            (c, token) =>
                c.CustomObjects.PatchNamespacedCustomObjectAsync(
                    Patch(patch, V1Patch.PatchType.MergePatch),
                    kind.Group,
                    kind.Version,
                    id.Namespace,
                    kind.Plural,
                    id.Name,
                    fieldManager: CnpgNames.Manager,
                    cancellationToken: token
                ),
            cancel
        );
        Change();
    }

    /// <summary>
    /// Begins the deletion of an object, which stays until its Pods and volumes are gone. Succeeds when it does not exist.
    /// </summary>
    /// <param name="uid">Deletes no other object of that name; null for any.</param>
    public async Task DeleteAsync(KubernetesKind kind, string space, string name, CancellationToken cancel, string? uid = null)
    {
        await FindAsync<object>(
            (c, token) =>
                c.CustomObjects.DeleteNamespacedCustomObjectAsync(
                    kind.Group,
                    kind.Version,
                    space,
                    kind.Plural,
                    name,
                    new V1DeleteOptions
                    {
                        Preconditions = uid is null ? null : new V1Preconditions { Uid = uid },
                        PropagationPolicy = kind == KubernetesKind.Cluster ? "Foreground" : "Background",
                    },
                    cancellationToken: token
                ),
            cancel
        );
        Change();
    }

    public static V1Patch Patch(JsonObject content, V1Patch.PatchType type) => new(content.ToJsonString(), type);

    public void Dispose()
    {
        if (client.IsValueCreated)
        {
            client.Value.Dispose();
        }
    }

    private void Change() => Interlocked.Exchange(ref changedAt, time.GetTimestamp());

    private static TimeSpan? DelayOf(Exception? exception) =>
        exception is not null && KubernetesFailure.Of(exception)?.RetryAfter is { } wait
            ? TimeSpan.FromTicks(Math.Min(wait.Ticks, LongestDelay.Ticks))
            : null;

    private static JsonObject Node(object answer) =>
        answer is JsonElement element ? JsonObject.Create(element)! : JsonNode.Parse(KubernetesJson.Serialize(answer))!.AsObject();

    private static string Metadata(JsonObject manifest, string name) => manifest["metadata"]![name]!.GetValue<string>();

    private Kubernetes Connect()
    {
        KubernetesClientConfiguration configuration;
        try
        {
            configuration = options.Kubeconfig is { } file
                ? KubernetesClientConfiguration.BuildConfigFromConfigFile(new FileInfo(file), options.Context)
                : KubernetesClientConfiguration.InClusterConfig();
        }
        catch (Exception e) when (e is k8s.Exceptions.KubeConfigException or IOException or UnauthorizedAccessException)
        {
            throw new ExternalSystemException(ExternalFailure.Unavailable, $"plugins.{options.Instance}.kubeconfig: {e.Message}", inner: e);
        }

        if (configuration.SkipTlsVerify)
        {
            throw new ExternalSystemException(
                ExternalFailure.Invalid,
                $"plugins.{options.Instance}.kubeconfig: insecure-skip-tls-verify is not supported; name the certificate authority"
            );
        }

        // The pipeline bounds the calls.
        configuration.HttpClientTimeout = Timeout.InfiniteTimeSpan;
        return new Kubernetes(configuration);
    }
}
