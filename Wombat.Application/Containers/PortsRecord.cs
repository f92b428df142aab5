using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>The data of an event about the published ports of a container.</summary>
public sealed record PortsRecord(string Name, IReadOnlyList<PortMapping> Ports);
