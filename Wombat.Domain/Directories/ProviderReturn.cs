namespace Wombat.Domain.Directories;

/// <summary>The provider's authorization response.</summary>
/// <param name="Error">The error code if there is no authorization code.</param>
/// <param name="Issuer">The iss parameter (RFC 9207), if any.</param>
public sealed record ProviderReturn(string? Code, string? Error, string? Issuer);
