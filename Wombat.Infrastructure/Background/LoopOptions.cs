using Microsoft.Extensions.Logging;
using Wombat.Application.Common;

namespace Wombat.Infrastructure.Background;

/// <summary>How a <see cref="BackgroundLoop"/> repeats its work.</summary>
/// <param name="Name">Names the work in log lines, such as "session refresh".</param>
/// <param name="Interval">The wait after a run; a wake-up ends it early.</param>
public sealed record LoopOptions(string Name, TimeSpan Interval)
{
    /// <summary>Whether the first run waits for one interval or wake-up.</summary>
    public bool WaitsFirst { get; init; }

    /// <summary>Subscribes to the topic whose signals end a wait early; null: only the interval counts.</summary>
    public Func<INotificationSubscription>? WakeUp { get; init; }

    /// <summary>The level of the line about an outside system that does not answer.</summary>
    public LogLevel UnavailableLevel { get; init; } = LogLevel.Warning;
}
