namespace Wombat.Application.Resources;

/// <summary>The data of an event that warns of the expiry of a resource.</summary>
public sealed record ExpiryNotice(string Name, DateTimeOffset ExpiresAt);
