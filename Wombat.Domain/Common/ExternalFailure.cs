namespace Wombat.Domain.Common;

/// <summary>The kind of a failure of an outside system, which decides whether a retry can help.</summary>
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

    /// <summary>The answer was not understood. Not retried, because the outcome of the request is not known.</summary>
    Unknown,
}
