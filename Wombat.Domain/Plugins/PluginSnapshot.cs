namespace Wombat.Domain.Plugins;

/// <summary>A snapshot of a resource, as the outside system keeps it.</summary>
/// <param name="ExpiresAt">When Wombat deletes it, as given with the request; null for never.</param>
/// <param name="Bytes">The disk space that it took when it was made; null if unknown.</param>
public sealed record PluginSnapshot(string Name, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, long? Bytes);
