namespace Wombat.Forge;

/// <summary>
/// Manages the snapshots of containers. A call that was killed leaves the old or the new state, which the next call for the container,
/// or the next list of all containers, completes or undoes.
/// </summary>
internal interface ISnapshots
{
    /// <summary>Copies the root file system of a running or stopped container. A running one is frozen while it is copied.</summary>
    /// <exception cref="ForgeException">NotFound; Conflict if the name is taken; Capacity if there is no room.</exception>
    Task<Snapshot> CreateAsync(string id, string? key, SnapshotRequest request, CancellationToken cancel);

    /// <summary>The snapshots of a container, the oldest first.</summary>
    /// <exception cref="ForgeException">NotFound: there is no such container.</exception>
    Task<IReadOnlyList<Snapshot>> ListAsync(string id, string? key, CancellationToken cancel);

    /// <summary>The snapshots of all containers that have expired at a time, with the keys of their containers.</summary>
    Task<IReadOnlyList<(string? Key, Snapshot Snapshot)>> ListExpiredAsync(DateTimeOffset at, CancellationToken cancel);

    /// <summary>
    /// Replaces the root file system by that of the snapshot, which stays. A running container is killed and started again.
    /// </summary>
    /// <exception cref="ForgeException">NotFound: no such container or snapshot; Capacity if there is no room.</exception>
    Task<Guest> RestoreAsync(string id, string? key, SnapshotRequest request, CancellationToken cancel);

    /// <summary>Deletes a snapshot; one that does not exist is deleted.</summary>
    /// <exception cref="ForgeException">NotFound: there is no such container.</exception>
    Task DeleteAsync(string id, string? key, string name, CancellationToken cancel);
}
