namespace Wombat.Forge.Pve;

/// <summary>
/// The kind of an API error. Proxmox VE answers most errors with status 500, and the text is only a hint: callers read the state
/// of the guest afterwards.
/// </summary>
internal enum PveFailure
{
    Other,

    /// <summary>The id of the new guest is already taken.</summary>
    Exists,

    /// <summary>The node has no configuration of this guest: the guest was deleted or has moved.</summary>
    NotOnNode,
    Locked,
    Unreachable,
    NotAuthorized,
    Invalid,
    Full,

    /// <summary>The storage of the guest has no snapshots.</summary>
    NoSnapshots,

    /// <summary>The present state of the guest or of its snapshots does not allow it.</summary>
    Conflict,

    /// <summary>The API did not respond: the call may have taken effect.</summary>
    NoResponse,
}
