namespace Wombat.Domain.Containers;

/// <summary>The snapshot of another container of the project from which a container is created.</summary>
/// <param name="SourceId">The id of the other container in Wombat.</param>
/// <param name="SourceKey">Its external key.</param>
/// <param name="SourceExternalId">Its id in the outside system.</param>
/// <param name="Snapshot">The name of the snapshot.</param>
public sealed record ContainerOrigin(Guid SourceId, string SourceKey, string SourceExternalId, string Snapshot);
