using Wombat.Application.Common;
using Wombat.Application.Containers;
using Wombat.Domain.Containers;

namespace Wombat.Api.Endpoints;

/// <summary>Changes to a container as a merge patch (RFC 7396).</summary>
internal sealed class PatchContainerBody
{
    /// <summary>When it is deleted; null for never.</summary>
    public Optional<DateTimeOffset?> ExpiresAt { get; init; }

    /// <summary>Whether a request to delete it is refused; only managers of the project may change it.</summary>
    public Optional<bool?> DeletionProtection { get; init; }

    /// <summary>Whether Wombat starts it again after a restart of its machine; null for the default, true.</summary>
    public Optional<bool?> StartOnBoot { get; init; }

    /// <summary>When snapshots of it are made; null for never.</summary>
    public Optional<SnapshotScheduleBody> SnapshotSchedule { get; init; }

    internal ContainerChanges ToChanges() =>
        new(
            ExpiresAt,
            DeletionProtection,
            StartOnBoot,
            SnapshotSchedule.IsPresent ? new Optional<SnapshotSchedule>(SnapshotSchedule.Value?.ToSchedule()) : default
        );
}
