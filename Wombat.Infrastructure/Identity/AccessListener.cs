using Microsoft.Extensions.Hosting;
using Wombat.Application.Access;
using Wombat.Application.Common;

namespace Wombat.Infrastructure.Identity;

/// <summary>Forgets what it knew of callers when another replica has changed someone's rights.</summary>
public sealed class AccessListener(AccessCache cache, INotificationBus notifications) : BackgroundService
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changed = notifications.Subscribe(Topics.Access);
        while (!stoppingToken.IsCancellationRequested)
        {
            await changed.WaitAsync(Idle, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cache.Clear();
        }
    }
}
