namespace Wombat.Domain.Directories;

/// <summary>The provider's authorization response.</summary>
/// <param name="Error">Why there is no code.</param>
/// <param name="Issuer">The iss of RFC 9207; null where there is none.</param>
public sealed record ProviderReturn(string? Code, string? Error, string? Issuer);
