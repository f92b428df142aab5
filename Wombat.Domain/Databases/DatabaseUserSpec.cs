namespace Wombat.Domain.Databases;

/// <summary>A user of a database as requested.</summary>
/// <param name="Name">The name of the PostgreSQL role.</param>
/// <param name="ExpiresAt">From then on the user cannot connect and its sessions are ended; null for no end.</param>
public sealed record DatabaseUserSpec(string Name, DatabaseRole Role, DateTimeOffset? ExpiresAt = null);
