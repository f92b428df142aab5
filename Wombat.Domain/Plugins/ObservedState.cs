using Wombat.Domain.Common;

namespace Wombat.Domain.Plugins;

/// <summary>The state of a resource as the outside system reports it.</summary>
public enum ObservedState
{
    Running,
    Stopped,
    Missing,

    /// <summary>It works, but not as promised; the note contains the reason.</summary>
    Degraded,

    /// <summary>It is read-only or suspended on purpose.</summary>
    Frozen,

    /// <summary>The outside system is changing it.</summary>
    Updating,

    /// <summary>It exists but cannot be used, such as an incomplete one.</summary>
    Broken,

    /// <summary>
    /// The state cannot be read; the note contains the reason. Returned in listings only; other calls fail as
    /// <see cref="ExternalFailure.Unavailable"/>.
    /// </summary>
    Unknown,
}
