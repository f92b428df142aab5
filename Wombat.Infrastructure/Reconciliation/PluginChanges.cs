using Wombat.Application.Common;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Notifications;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>Wakes the reconciliation of a plugin when its resources have changed, at most a few times a second.</summary>
internal sealed class PluginChanges(IWatchesResources plugin, TimeProvider clock) : INotificationSubscription
{
    // A single change is compared at once; of many, those that come meanwhile are compared together.
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);

    private readonly AsyncAutoResetEvent woken = new();
    private long? wokenAt;

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
        if (wokenAt is { } last && ShortestInterval - clock.GetElapsedTime(last) is { Ticks: > 0 } rest)
        {
            await Task.Delay(rest, clock, cancel);
        }

        wokenAt = clock.GetTimestamp();
    }

    public void Dispose() { }
}
