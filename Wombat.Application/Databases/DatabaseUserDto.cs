using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>A user of a database.</summary>
/// <param name="ExpiresAt">When its access ends; null for never.</param>
public sealed record DatabaseUserDto(string Name, DatabaseRole Role, DateTimeOffset? ExpiresAt);
