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
    private const int PageSize = 500;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly CnpgOptions options;
    private readonly Lazy<Kubernetes> client;
    private readonly ResiliencePipeline pipeline;

    public KubernetesApi(CnpgOptions options, TimeProvider time)
    {
        this.options = options;
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
            (c, token) => c.CustomObjects.GetNamespacedCustomObjectAsync(kind.Group, kind.Version, space, kind.Plural, name, token),
            cancel
        );
        return found is null ? null : Node(found);
    }

    /// <summary>All objects with a label in a namespace, or in all namespaces when <paramref name="space"/> is null.</summary>
    public Task<IReadOnlyList<JsonObject>> ListAsync(KubernetesKind kind, string? space, string selector, CancellationToken cancel) =>
        CallAsync<IReadOnlyList<JsonObject>>(
            async (c, token) =>
            {
                // An expired continuation (410) begins again with the first page.
                var all = new List<JsonObject>();
                string? next = null;
                do
                {
                    var page = Node(await ListPageAsync(c, kind, space, selector, next, token));
                    all.AddRange(page["items"]?.AsArray().OfType<JsonObject>() ?? []);
                    next = page["metadata"]?["continue"]?.GetValue<string>();
                } while (!string.IsNullOrEmpty(next));

                return all;
            },
            cancel
        );

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
        return Node(
            await CallAsync(
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
            )
        );
    }

    /// <summary>A merge patch: sets fields, and removes those that are null.</summary>
    public Task MergeAsync(KubernetesKind kind, ClusterId id, JsonObject patch, CancellationToken cancel) =>
        CallAsync(
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

    /// <summary>
    /// Begins the deletion of an object, which stays until its Pods and volumes are gone. Succeeds when it does not exist.
    /// </summary>
    public Task DeleteAsync(KubernetesKind kind, string space, string name, CancellationToken cancel) =>
        FindAsync<object>(
            (c, token) =>
                c.CustomObjects.DeleteNamespacedCustomObjectAsync(
                    kind.Group,
                    kind.Version,
                    space,
                    kind.Plural,
                    name,
                    propagationPolicy: kind == KubernetesKind.Cluster ? "Foreground" : "Background",
                    cancellationToken: token
                ),
            cancel
        );

    public static V1Patch Patch(JsonObject content, V1Patch.PatchType type) => new(content.ToJsonString(), type);

    public void Dispose()
    {
        if (client.IsValueCreated)
        {
            client.Value.Dispose();
        }
    }

    private static Task<object> ListPageAsync(
        Kubernetes client,
        KubernetesKind kind,
        string? space,
        string selector,
        string? next,
        CancellationToken cancel
    ) =>
        space is null
            ? client.CustomObjects.ListClusterCustomObjectAsync(
                kind.Group,
                kind.Version,
                kind.Plural,
                continueParameter: next,
                labelSelector: selector,
                limit: PageSize,
                cancellationToken: cancel
            )
            : client.CustomObjects.ListNamespacedCustomObjectAsync(
                kind.Group,
                kind.Version,
                space,
                kind.Plural,
                continueParameter: next,
                labelSelector: selector,
                limit: PageSize,
                cancellationToken: cancel
            );

    private static TimeSpan? DelayOf(Exception? exception) =>
        exception is not null && KubernetesFailure.Of(exception)?.RetryAfter is { } wait
            ? TimeSpan.FromTicks(Math.Min(wait.Ticks, LongestDelay.Ticks))
            : null;

    private static JsonObject Node(object answer) =>
        answer is JsonElement element ? JsonObject.Create(element)! : throw new InvalidOperationException("The answer is no JSON object.");

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
