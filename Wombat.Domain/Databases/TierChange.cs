namespace Wombat.Domain.Databases;

/// <summary>A tier that a database is about to get.</summary>
/// <param name="TierVersion">The version of the tier that <paramref name="Settings"/> were taken from.</param>
public sealed record TierChange(string Tier, int TierVersion, TierSpec Settings);
