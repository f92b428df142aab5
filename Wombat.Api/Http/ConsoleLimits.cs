namespace Wombat.Api.Http;

/// <summary>The limits of consoles in containers.</summary>
/// <param name="Idle">A console in which nobody types for so long is closed.</param>
/// <param name="PerUser">The most open consoles of one caller on this replica.</param>
/// <param name="Total">The most open consoles on this replica.</param>
internal sealed record ConsoleLimits(TimeSpan Idle, int PerUser, int Total);
