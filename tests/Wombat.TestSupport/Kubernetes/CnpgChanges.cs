using k8s;
using k8s.Autorest;
using Wombat.Infrastructure.Notifications;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>Tells when objects have changed, by watching them.</summary>
internal sealed class CnpgChanges(k8s.Kubernetes client)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly AsyncAutoResetEvent changed = new();

    public void Set() => changed.Set();

    public Task WaitAsync(TimeSpan atMost, CancellationToken cancel) => changed.WaitAsync(atMost, cancel);

    public Task RunAsync(CancellationToken cancel) =>
        Task.WhenAll(
            new[] { "clusters", "poolers", "backups" }
                .Select(plural =>
                    WatchAsync(
                        () =>
                            client.CustomObjects.WatchListClusterCustomObjectAsync(
                                "postgresql.cnpg.io",
                                "v1",
                                plural,
                                cancellationToken: cancel
                            ),
                        cancel
                    )
                )
                .Append(WatchAsync(() => client.CoreV1.WatchListSecretForAllNamespacesAsync(cancellationToken: cancel), cancel))
        );

    private async Task WatchAsync<T>(Func<IAsyncEnumerable<T>> watch, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await foreach (var _ in watch())
                {
                    changed.Set();
                }
            }
            catch (Exception e) when (e is HttpOperationException or HttpRequestException or IOException)
            {
                // The next one goes on.
            }

            await Task.Delay(Pause, cancel);
        }
    }
}
