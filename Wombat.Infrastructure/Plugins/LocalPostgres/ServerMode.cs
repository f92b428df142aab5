namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>How a server is started.</summary>
internal enum ServerMode
{
    /// <summary>Writable, for clients.</summary>
    Normal,

    /// <summary>Read-only, for clients.</summary>
    Standby,

    /// <summary>Writable, for Wombat alone.</summary>
    Private,

    /// <summary>For Wombat alone; recovers from a WAL archive.</summary>
    Recovery,
}
