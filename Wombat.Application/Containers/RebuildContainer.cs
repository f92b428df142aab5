namespace Wombat.Application.Containers;

/// <summary>Gives a container a new root file system of its template. The arguments of the operation.</summary>
/// <param name="RequestId">Set when the request is accepted, so that a repeated attempt does not rebuild again.</param>
public sealed record RebuildContainer(Guid RequestId = default);
