namespace Wombat.Forge;

/// <summary>How forge ends; its callers decide by this alone whether to retry.</summary>
internal enum ExitCode
{
    Ok = 0,
    Failed = 1,
    Usage = 2,
    NotFound = 3,
    Conflict = 4,
    Capacity = 5,
    NotAuthorized = 6,

    /// <summary>Down, slow or locked: try again.</summary>
    Unavailable = 7,
}
