namespace Wombat.Domain.Containers;

/// <summary>What the host of a running container reports about a published port.</summary>
/// <param name="Host">The port of the host.</param>
/// <param name="Url">Where it accepts connections; null when it accepts none.</param>
/// <param name="Error">What cannot be published, and why; null when everything is.</param>
public sealed record PortState(int Host, string? Url, string? Error);
