namespace Wombat.Domain.Plugins;

/// <summary>How a resource is found again.</summary>
/// <param name="ExternalKey">Made from the resource's id; the marker on what was made.</param>
/// <param name="ExternalName">The unique name under which it was asked for.</param>
/// <param name="ExternalId">The plugin's id, or null when no answer was ever heard.</param>
public sealed record ResourceRef(string ExternalKey, string ExternalName, string? ExternalId);
