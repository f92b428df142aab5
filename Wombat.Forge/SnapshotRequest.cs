namespace Wombat.Forge;

/// <summary>A snapshot to make or to restore.</summary>
/// <param name="Request">The caller's name for the request: a repeated request with it does nothing again.</param>
/// <param name="ExpiresAt">Stored with a new snapshot.</param>
internal sealed record SnapshotRequest(string Name, string? Request, DateTimeOffset? ExpiresAt = null);
