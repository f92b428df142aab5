using Wombat.Domain.Plugins;

namespace Wombat.Application.Resources;

/// <summary>The data of an event about differences between a resource and what was requested.</summary>
public sealed record DriftSnapshot(string Name, IReadOnlyList<ResourceDifference> Drift);
