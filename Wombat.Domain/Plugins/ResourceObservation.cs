namespace Wombat.Domain.Plugins;

/// <summary>What the outside system says about a resource.</summary>
/// <param name="State">How it is.</param>
/// <param name="ExternalId">The plugin's id; null when missing.</param>
/// <param name="IpAddress">Null when unknown.</param>
/// <param name="Note">What the user should know, such as a limit that could not be applied.</param>
public sealed record ResourceObservation(ObservedState State, string? ExternalId = null, string? IpAddress = null, string? Note = null)
{
    public static readonly ResourceObservation Missing = new(ObservedState.Missing);

    public static ResourceObservation Unknown(string reason) => new(ObservedState.Unknown, Note: reason);
}
