namespace Wombat.Application.Containers;

/// <summary>The data of the event about an opened console.</summary>
/// <param name="Name">The name of the container.</param>
/// <param name="ConsoleId">The same in both events of a console.</param>
public sealed record ConsoleOpened(string Name, Guid ConsoleId);
