namespace Wombat.Domain.Access;

/// <summary>What a token allows: read; operate (start, stop, restart, cancel, retry); manage (create, change, delete). Each includes those before it.</summary>
public enum TokenScope
{
    /// <summary>Looks.</summary>
    Read,

    /// <summary>Starts, stops, restarts, cancels, retries.</summary>
    Operate,

    /// <summary>Creates, changes, deletes.</summary>
    Manage,
}
