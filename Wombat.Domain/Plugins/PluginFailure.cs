namespace Wombat.Domain.Plugins;

/// <summary>What kind of failure it was, and so whether trying again can help.</summary>
public enum PluginFailure
{
    /// <summary>The request itself is wrong; repeating it cannot help.</summary>
    InvalidRequest,

    /// <summary>Something else bears the name, or a state forbids it.</summary>
    Conflict,

    NotFound,

    /// <summary>No room or quota. Not retried: the user must decide.</summary>
    Capacity,

    /// <summary>The outside system refused Wombat's credentials.</summary>
    Unauthenticated,

    /// <summary>Down, slow, locked or lying. Retried.</summary>
    Unavailable,

    /// <summary>Not understood. Not retried by itself, since nobody knows what happened.</summary>
    Unknown,
}
