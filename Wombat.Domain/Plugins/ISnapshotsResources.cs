using Wombat.Domain.Common;

namespace Wombat.Domain.Plugins;

/// <summary>
/// Ability: snapshots of resources. The outside system stores them with their expiry; Wombat stores nothing of its own about them.
/// </summary>
public interface ISnapshotsResources
{
    /// <summary>Why a new snapshot cannot have this name, without a call to the outside system; null if it can.</summary>
    string? RefuseSnapshotName(string name) => null;

    /// <summary>Makes a snapshot. A call that is repeated with the request id succeeds if an earlier one did.</summary>
    /// <exception cref="ExternalSystemException">NotFound; Conflict if the name is taken; Capacity if there is no room.</exception>
    Task CreateSnapshotAsync(
        ResourceRef resource,
        string name,
        DateTimeOffset? expiresAt,
        Guid requestId,
        IPluginLog log,
        CancellationToken cancel
    );

    /// <summary>The snapshots of a resource, the oldest first.</summary>
    Task<IReadOnlyList<PluginSnapshot>> ListSnapshotsAsync(ResourceRef resource, CancellationToken cancel);

    /// <summary>
    /// Replaces the data of the resource by that of the snapshot, which stays. A call that is repeated with the request id does nothing
    /// if an earlier one succeeded; after one that was cut short, the resource has its old data or those of the snapshot.
    /// </summary>
    /// <exception cref="ExternalSystemException">NotFound: no such resource or snapshot; Capacity if there is no room.</exception>
    Task<ResourceObservation> RestoreSnapshotAsync(
        ResourceRef resource,
        string name,
        Guid requestId,
        IPluginLog log,
        CancellationToken cancel
    );

    /// <summary>The snapshots of all resources whose expiry has passed.</summary>
    Task<IReadOnlyList<ExpiredSnapshot>> ListExpiredSnapshotsAsync(DateTimeOffset now, CancellationToken cancel);

    /// <summary>Deletes a snapshot; succeeds if there is none.</summary>
    Task DeleteSnapshotAsync(ResourceRef resource, string name, IPluginLog log, CancellationToken cancel);
}
