namespace Wombat.Domain.Plugins;

/// <summary>What a watch has told.</summary>
/// <param name="Listing">All resources.</param>
/// <param name="ChangedKeys">The external keys of those that may have changed since they were last taken.</param>
public sealed record WatchedResources(ResourceListing Listing, IReadOnlySet<string> ChangedKeys);
