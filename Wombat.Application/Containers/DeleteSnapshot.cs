namespace Wombat.Application.Containers;

/// <summary>Deletes a snapshot of a container. The arguments of the operation.</summary>
public sealed record DeleteSnapshot(string Name);
