namespace Wombat.Forge.Pve;

/// <summary>
/// What a failure of the API means. Nearly everything is status 500, and its text is only a hint: what has become of a guest
/// is read from the guest afterwards.
/// </summary>
internal enum PveFailure
{
    Other,

    /// <summary>The id that was to be made is taken.</summary>
    Exists,

    /// <summary>The guest's configuration is not on the node that was asked: it is gone or has moved.</summary>
    NotThere,
    Locked,
    Unreachable,
    Refused,
    Invalid,
    Full,

    /// <summary>No answer of the API was heard: it may have happened.</summary>
    NoResponse,
}
