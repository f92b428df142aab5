using Wombat.Domain.Access;

namespace Wombat.Domain.Tokens;

/// <summary>A token to create.</summary>
public sealed record TokenRequest(string Name, TokenScope Scope, Guid? ProjectId, DateTimeOffset? ExpiresAt);
