using Wombat.Application.Common;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Notifications;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>Wakes the reconciliation of a plugin when its resources have changed, at most a few times a second.</summary>
internal sealed class PluginChanges(IWatchesResources plugin, TimeProvider clock) : INotificationSubscription
{
    // Changes come in groups.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);

    private readonly AsyncAutoResetEvent woken = new();

    public void Wake() => woken.Set();

    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var first = await Task.WhenAny(
            plugin.WaitForChangeAsync(stop.Token),
            woken.WaitAsync(stop.Token),
            Task.Delay(atMost, clock, stop.Token)
        );
        await stop.CancelAsync();
        await first;
        await Task.Delay(Gathering, clock, cancel);
    }

    public void Dispose() { }
}
