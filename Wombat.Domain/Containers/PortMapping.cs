namespace Wombat.Domain.Containers;

/// <summary>A TCP port of a container that is published at a port of its host.</summary>
/// <param name="Container">The port inside the container.</param>
/// <param name="Host">The port of the host; null in a request that leaves the choice to Wombat.</param>
public sealed record PortMapping(int Container, int? Host);
