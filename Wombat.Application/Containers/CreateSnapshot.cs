namespace Wombat.Application.Containers;

/// <summary>Makes a snapshot of a container. The arguments of the operation.</summary>
/// <param name="ExpiresAt">When it is deleted; null for never.</param>
/// <param name="RequestId">Set when the request is accepted, so that a repeated attempt finds what an earlier one made.</param>
public sealed record CreateSnapshot(string? Name, DateTimeOffset? ExpiresAt, Guid RequestId = default);
