namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>The last restore in place of an instance.</summary>
/// <param name="RequestId">A repeated call with this id continues it.</param>
/// <param name="BackupId">The backup that is restored.</param>
/// <param name="TargetTime">The time up to which WAL is applied to it; null for the backup alone.</param>
internal sealed record RestoreState(Guid RequestId, RestoreStep Step, string BackupId, DateTimeOffset? TargetTime)
{
    /// <summary>Whether the restored data are in place, or about to be, and clients cannot connect yet.</summary>
    public bool IsClosed => Step is RestoreStep.Swapping or RestoreStep.Finishing;
}
