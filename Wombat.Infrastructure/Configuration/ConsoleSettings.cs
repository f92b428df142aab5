namespace Wombat.Infrastructure.Configuration;

/// <summary>The limits of consoles in containers.</summary>
/// <param name="Idle">A console in which nobody types for so long is closed.</param>
/// <param name="PerUser">The most open consoles of one caller on this replica.</param>
/// <param name="Total">The most open consoles on this replica.</param>
public sealed record ConsoleSettings(TimeSpan Idle, int PerUser, int Total)
{
    internal static ConsoleSettings Read(SettingsReader reader) =>
        new(
            reader.Seconds("consoles.idle_seconds", 1800, 1, 7 * 86_400),
            reader.Number("consoles.per_user", 10, 1, 10_000),
            reader.Number("consoles.total", 100, 1, 10_000)
        );
}
