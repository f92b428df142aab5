namespace Wombat.Domain.Plugins;

/// <summary>One resource of a <see cref="ResourceListing"/>.</summary>
/// <param name="ExternalKey">The key of the resource; null if it cannot be read, in which case the state is unknown.</param>
/// <param name="ExternalName">The name in the outside system; null if not reported.</param>
public sealed record ListedResource(string? ExternalKey, string? ExternalName, ResourceObservation Observation);
