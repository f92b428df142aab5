using Microsoft.Extensions.Hosting;
using Wombat.Application.Common;
using Wombat.Infrastructure.Background;

namespace Wombat.Infrastructure.Commands;

/// <summary>
/// Waits for the next time of a schedule. Every replica does it: when one stops, the fires of the others come in time without an election.
/// </summary>
internal sealed class CommandScheduler(ScheduleFiring firing, INotificationBus notifications, TimeProvider clock, BackgroundLoop loop)
    : BackgroundService
{
    // A notification can be lost, and the clock can be set.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    // A timer can end early.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(5);

    // What is due after a pass could not be handled, or replicas whose clocks differ undo each other's work.
    private static readonly TimeSpan WaitWithoutProgress = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var wakeUp = notifications.Subscribe(Topics.Schedules);
        await loop.RunAsync(
            new LoopOptions("firing of schedules", TimeSpan.Zero),
            async cancel => await loop.WaitAsync(await FireAsync(cancel), wakeUp, cancel),
            stoppingToken
        );
    }

    // Returns the time until the next pass.
    private async Task<TimeSpan> FireAsync(CancellationToken cancel)
    {
        var wait = await firing.FireDueAsync(cancel) is { } next ? next - clock.GetUtcNow() : LongestWait;
        return wait <= TimeSpan.Zero ? WaitWithoutProgress
            : wait < ShortestWait ? ShortestWait
            : wait > LongestWait ? LongestWait
            : wait;
    }
}
