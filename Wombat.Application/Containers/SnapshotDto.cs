namespace Wombat.Application.Containers;

/// <summary>A snapshot of a container.</summary>
/// <param name="Name">Its name, unique among the snapshots of the container.</param>
/// <param name="ExpiresAt">When it is deleted; null for never.</param>
/// <param name="Bytes">The disk space that it took when it was made; null if the plugin does not know.</param>
public sealed record SnapshotDto(string Name, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, long? Bytes);
