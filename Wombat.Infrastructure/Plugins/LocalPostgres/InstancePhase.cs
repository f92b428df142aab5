namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>How far an instance is in its life.</summary>
internal enum InstancePhase
{
    /// <summary>Its creation has begun and is repeated until it has succeeded.</summary>
    Creating,

    /// <summary>Its server is meant to run.</summary>
    Ready,

    /// <summary>Deleted by its user: the server is stopped, the data stay.</summary>
    Trashed,

    /// <summary>Deleted by its user: the data directory was removed, backups stay.</summary>
    Archived,
}
