using System.Collections.Concurrent;

namespace Wombat.Infrastructure.Tests.Background;

/// <summary>A clock whose timers fire at once and are recorded.</summary>
internal sealed class ImmediateClock : TimeProvider
{
    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waits.Enqueue(dueTime);
        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
