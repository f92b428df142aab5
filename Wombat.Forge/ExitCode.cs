namespace Wombat.Forge;

/// <summary>The exit codes of forge. Callers decide by the code alone whether to retry.</summary>
internal enum ExitCode
{
    Ok = 0,
    Failed = 1,
    Usage = 2,
    NotFound = 3,
    Conflict = 4,
    Capacity = 5,
    NotAuthorized = 6,

    /// <summary>The back end is down, slow or locked: the caller may retry.</summary>
    Unavailable = 7,
}
