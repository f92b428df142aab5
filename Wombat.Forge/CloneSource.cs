namespace Wombat.Forge;

/// <summary>The snapshot of another container from which a container is created.</summary>
/// <param name="Key">The key of the other container; with another key it is not found.</param>
internal sealed record CloneSource(string Id, string? Key, string Snapshot);
