namespace Wombat.Application.Containers;

/// <summary>Restores a container to a snapshot. The arguments of the operation.</summary>
/// <param name="RequestId">Set when the request is accepted, so that a repeated attempt does not restore again.</param>
public sealed record RestoreSnapshot(string Name, Guid RequestId = default);
