using Wombat.Domain.Common;

namespace Wombat.Domain.Plugins;

/// <summary>The state of a resource as the outside system reports it.</summary>
public enum ObservedState
{
    Running,
    Stopped,
    Missing,

    /// <summary>It exists but cannot be used, such as an incomplete one.</summary>
    Broken,

    /// <summary>
    /// The state cannot be read; the note contains the reason. Returned in listings only; other calls fail as
    /// <see cref="ExternalFailure.Unavailable"/>.
    /// </summary>
    Unknown,
}
