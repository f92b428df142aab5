namespace Wombat.Domain.Plugins;

/// <summary>Identifies a resource in the outside system.</summary>
/// <param name="Kind">The resource kind, for plugins that provision several.</param>
/// <param name="ExternalKey">The marker on the resource, made from its Wombat id.</param>
/// <param name="ExternalName">Its name in the outside system, unique over all projects.</param>
/// <param name="ExternalId">The outside system's id; null when no answer has been received yet.</param>
public sealed record ResourceRef(string Kind, string ExternalKey, string ExternalName, string? ExternalId);
