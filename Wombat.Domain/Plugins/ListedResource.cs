namespace Wombat.Domain.Plugins;

/// <summary>One resource of a <see cref="ResourceListing"/>.</summary>
/// <param name="ExternalKey">Its marker; null where that cannot be read now, and then its state is unknown.</param>
/// <param name="ExternalName">Its name in the outside system; null where that is not reported.</param>
public sealed record ListedResource(string? ExternalKey, string? ExternalName, ResourceObservation Observation);
