namespace Wombat.Application.Common;

/// <summary>The system's clock cut to microseconds, PostgreSQL's precision, so that what was answered is what is read later.</summary>
public sealed class MicrosecondClock : TimeProvider
{
    public override DateTimeOffset GetUtcNow()
    {
        var now = System.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
