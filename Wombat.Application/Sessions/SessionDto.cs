namespace Wombat.Application.Sessions;

/// <summary>A session of a user.</summary>
/// <param name="Current">Whether it is the session of this request.</param>
public sealed record SessionDto(
    Guid Id,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastSeenAt,
    DateTimeOffset ExpiresAt,
    string? Address,
    string? UserAgent,
    bool Current
);
