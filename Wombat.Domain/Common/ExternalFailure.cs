namespace Wombat.Domain.Common;

/// <summary>What kind of failure of an outside system it was, and so whether a retry can help.</summary>
public enum ExternalFailure
{
    /// <summary>The request is invalid. Not retried.</summary>
    Invalid,

    /// <summary>Something else has the name, or a state forbids the request.</summary>
    Conflict,

    NotFound,

    /// <summary>No capacity or quota. Not retried: the user must decide.</summary>
    Capacity,

    /// <summary>The outside system refused Wombat's credentials.</summary>
    Unauthorized,

    /// <summary>Down, slow, locked or inconsistent. A job retries it.</summary>
    Unavailable,

    /// <summary>Not understood. Not retried automatically, since nobody knows what happened.</summary>
    Unknown,
}
