namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Why a database is read-only.</summary>
internal enum FreezeCause
{
    Request,

    /// <summary>It has used up its disk limit.</summary>
    DiskLimit,

    /// <summary>The machine's disk is almost full.</summary>
    HostDisk,
}
