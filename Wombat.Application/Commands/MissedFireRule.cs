using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Chooses which of the times that have passed a schedule fires for.</summary>
internal static class MissedFireRule
{
    /// <summary>The oldest time to fire for; null if all that have passed are left out.</summary>
    /// <param name="handled">Times up to this one have been handled.</param>
    public static DateTimeOffset? Choose(MissedFires rule, ScheduleTimes times, DateTimeOffset handled, DateTimeOffset now)
    {
        var onTime = now - Schedule.MissedAfter;
        var kept = rule == MissedFires.All ? Schedule.MissedMax : 1;
        var missed = new Queue<DateTimeOffset>();
        var before = onTime.AddTicks(-1);
        var start = rule == MissedFires.Skip && handled < before ? before : handled;
        foreach (var at in times.AllAfter(start).TakeWhile(t => t <= now))
        {
            if (at >= onTime)
            {
                return missed.Count > 0 ? missed.Peek() : at;
            }

            missed.Enqueue(at);
            if (missed.Count > kept)
            {
                missed.Dequeue();
            }
        }

        return missed.Count > 0 ? missed.Peek() : null;
    }
}
