using Wombat.Domain.Resources;

namespace Wombat.Application.Containers;

/// <summary>What an event tells of a container.</summary>
public sealed record ContainerSnapshot(string Name, ResourceStatus Status, string? StatusReason, string? ExternalId, string? IpAddress);
