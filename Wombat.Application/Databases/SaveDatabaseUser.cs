using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>Creates a user of a database, or changes its role or expiry. The arguments of the operation.</summary>
/// <param name="Reason">Why a user with an expiry is needed.</param>
public sealed record SaveDatabaseUser(string? Name, DatabaseRole? Role, DateTimeOffset? ExpiresAt, string? Reason);
