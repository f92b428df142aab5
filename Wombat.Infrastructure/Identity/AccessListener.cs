using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Infrastructure.Background;

namespace Wombat.Infrastructure.Identity;

/// <summary>Clears the cache of callers when another replica has changed someone's rights, and once a minute.</summary>
public sealed class AccessListener(AccessCache cache, INotificationBus notifications, BackgroundLoop loop)
    : PeriodicService(
        loop,
        new LoopOptions("access cache", TimeSpan.FromMinutes(1))
        {
            WaitsFirst = true,
            WakeUp = () => notifications.Subscribe(Topics.Access),
        }
    )
{
    protected override Task RunOnceAsync(CancellationToken cancel)
    {
        cache.Clear();
        return Task.CompletedTask;
    }
}
