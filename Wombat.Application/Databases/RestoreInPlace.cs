using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>Restores a database into itself. The arguments of the operation.</summary>
/// <param name="TargetTime">To this time; null with a backup.</param>
/// <param name="BackupId">As this backup left it.</param>
/// <param name="RequestId">Set when the request is accepted, so that a repeated attempt continues.</param>
public sealed record RestoreInPlace(DateTimeOffset? TargetTime, string? BackupId, Guid RequestId = default)
{
    internal DatabaseRestoreTarget ToTarget() => new(RequestId, TargetTime, BackupId);
}
