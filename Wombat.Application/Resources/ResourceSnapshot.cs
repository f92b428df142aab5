using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>The data of an event about a resource.</summary>
public sealed record ResourceSnapshot(string Name, ResourceStatus Status, string? StatusReason, string? ExternalId);
