namespace Wombat.Application.Containers;

/// <summary>The snapshot from which a container was created.</summary>
/// <param name="ContainerId">The container of the snapshot.</param>
/// <param name="Snapshot">The name of the snapshot.</param>
public sealed record ContainerOriginDto(Guid ContainerId, string Snapshot);
