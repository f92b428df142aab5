using Wombat.Application.Common;
using Wombat.Application.Resources;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>Changes of a container; absent fields keep their values.</summary>
/// <param name="StartOnBoot">Whether it is started again after a restart of its machine.</param>
/// <param name="SnapshotSchedule">When snapshots are made; null for never.</param>
public sealed record ContainerChanges(
    Optional<DateTimeOffset?> ExpiresAt,
    Optional<bool?> DeletionProtection,
    Optional<bool?> StartOnBoot,
    Optional<SnapshotSchedule> SnapshotSchedule
) : ResourceChanges(ExpiresAt, DeletionProtection);
