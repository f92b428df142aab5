using Wombat.Domain.Resources;

namespace Wombat.Application.Containers;

/// <summary>The data of an event about a container.</summary>
public sealed record ContainerSnapshot(string Name, ResourceStatus Status, string? StatusReason, string? ExternalId, string? IpAddress);
