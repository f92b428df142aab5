namespace Wombat.Domain.Plugins;

/// <summary>The state of a resource as observed in the outside system.</summary>
/// <param name="State">The present state.</param>
/// <param name="ExternalId">The outside system's id; null when missing.</param>
/// <param name="Note">A message for the user, such as a limit that was not applied.</param>
public sealed record ResourceObservation(ObservedState State, string? ExternalId = null, string? Note = null)
{
    public static readonly ResourceObservation Missing = new(ObservedState.Missing);

    /// <summary>The addresses of the resource; empty when none is known.</summary>
    public IReadOnlyList<ResourceEndpoint> Endpoints { get; init; } = [];

    /// <summary>
    /// Other facts by name, such as the version or the node, without secrets. A change of a fact updates the resource but
    /// is not an event, so facts should change seldom. Null leaves the stored facts as they are.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Facts { get; init; }

    /// <summary>
    /// Where it differs from what was requested, because somebody changed it outside Wombat; empty when it does not. A running resource
    /// with differences is degraded. Null when nothing was compared, which leaves the stored ones as they are.
    /// </summary>
    public IReadOnlyList<ResourceDifference>? Differences { get; init; }

    /// <summary>
    /// The latest time whose state can be restored from backups; null when there is none, or when the kind has no backups. A change is
    /// no event and no new version of the resource.
    /// </summary>
    public DateTimeOffset? LastRestorableAt { get; init; }

    /// <summary>Whether it is stopped because its machine was restarted while it ran.</summary>
    public bool IsInterrupted { get; init; }

    public static ResourceObservation Unknown(string reason) => new(ObservedState.Unknown, Note: reason);
}
