using k8s;
using k8s.Models;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>The calls that list and watch, which differ by kind and by whether a namespace is given.</summary>
internal static class KubernetesLists
{
    private const int PageSize = 500;

    public static async Task<object> ListPageAsync(
        Kubernetes client,
        KubernetesKind kind,
        string? space,
        string selector,
        string? next,
        CancellationToken cancel
    ) =>
        (kind == KubernetesKind.Service, space) switch
        {
            (true, null) => await client.CoreV1.ListServiceForAllNamespacesAsync(
                continueParameter: next,
                labelSelector: selector,
                limit: PageSize,
                cancellationToken: cancel
            ),
            (true, _) => await client.CoreV1.ListNamespacedServiceAsync(
                space,
                continueParameter: next,
                labelSelector: selector,
                limit: PageSize,
                cancellationToken: cancel
            ),
            (false, null) => await client.CustomObjects.ListClusterCustomObjectAsync(
                kind.Group,
                kind.Version,
                kind.Plural,
                continueParameter: next,
                labelSelector: selector,
                limit: PageSize,
                cancellationToken: cancel
            ),
            _ => await client.CustomObjects.ListNamespacedCustomObjectAsync(
                kind.Group,
                kind.Version,
                space,
                kind.Plural,
                continueParameter: next,
                labelSelector: selector,
                limit: PageSize,
                cancellationToken: cancel
            ),
        };

    /// <summary>The events of a watch with bookmarks. Errors that the server reports in it go to <paramref name="onError"/>.</summary>
    public static IAsyncEnumerable<(WatchEventType Type, object Item)> Watch(
        Kubernetes client,
        KubernetesKind kind,
        string? space,
        string selector,
        string version,
        int seconds,
        Action<Exception> onError,
        CancellationToken cancel
    ) =>
        (kind == KubernetesKind.Service, space) switch
        {
            (true, null) => Untyped(
                client.CoreV1.WatchListServiceForAllNamespacesAsync(
                    allowWatchBookmarks: true,
                    labelSelector: selector,
                    resourceVersion: version,
                    timeoutSeconds: seconds,
                    onError: onError,
                    cancellationToken: cancel
                )
            ),
            (true, _) => Untyped(
                client.CoreV1.WatchListNamespacedServiceAsync(
                    space,
                    allowWatchBookmarks: true,
                    labelSelector: selector,
                    resourceVersion: version,
                    timeoutSeconds: seconds,
                    onError: onError,
                    cancellationToken: cancel
                )
            ),
            (false, null) => client.CustomObjects.WatchListClusterCustomObjectAsync(
                kind.Group,
                kind.Version,
                kind.Plural,
                allowWatchBookmarks: true,
                labelSelector: selector,
                resourceVersion: version,
                timeoutSeconds: seconds,
                onError: onError,
                cancellationToken: cancel
            ),
            _ => client.CustomObjects.WatchListNamespacedCustomObjectAsync(
                kind.Group,
                kind.Version,
                space,
                kind.Plural,
                allowWatchBookmarks: true,
                labelSelector: selector,
                resourceVersion: version,
                timeoutSeconds: seconds,
                onError: onError,
                cancellationToken: cancel
            ),
        };

    private static async IAsyncEnumerable<(WatchEventType, object)> Untyped(IAsyncEnumerable<(WatchEventType, V1Service)> events)
    {
        await foreach (var (type, item) in events)
        {
            yield return (type, item);
        }
    }
}
