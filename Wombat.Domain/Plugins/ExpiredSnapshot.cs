namespace Wombat.Domain.Plugins;

/// <summary>A snapshot whose expiry has passed.</summary>
/// <param name="ExternalKey">The key of its resource.</param>
public sealed record ExpiredSnapshot(string ExternalKey, string Name);
