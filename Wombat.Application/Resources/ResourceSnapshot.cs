using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>What an event tells of a resource.</summary>
public sealed record ResourceSnapshot(string Name, ResourceStatus Status, string? StatusReason, string? ExternalId);
