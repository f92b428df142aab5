namespace Wombat.Api.Endpoints;

/// <summary>The changes of a database that can be planned.</summary>
internal enum PlannedDatabaseChange
{
    /// <summary>As resize, with <c>tier</c>.</summary>
    Tier,

    /// <summary>As restore into a new database, with <c>name</c>, <c>target_time</c> or <c>backup_id</c>, and <c>tier</c>.</summary>
    Restore,

    /// <summary>As restore-in-place, with <c>target_time</c> or <c>backup_id</c>.</summary>
    RestoreInPlace,

    /// <summary>As freeze.</summary>
    Freeze,

    /// <summary>As a deletion.</summary>
    Delete,
}
