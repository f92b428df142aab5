namespace Wombat.Forge.Pve;

/// <summary>What Proxmox's words mean. The status says little: nearly everything is 500, and only the text tells things apart.</summary>
internal enum PveFailure
{
    Other,
    Exists,
    Missing,
    Locked,
    AlreadyAsWished,
    Unreachable,
    Refused,
    Invalid,
    Full,

    /// <summary>No answer was heard: it may have happened.</summary>
    Unheard,
}
