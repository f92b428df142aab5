namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>What a token must satisfy besides its signature and lifetime.</summary>
/// <param name="Types">The accepted values of the header typ; an empty string accepts a token without typ.</param>
/// <param name="MayLackExpiry">Whether exp is optional, for a token that is read immediately from a response.</param>
public sealed record JwtRules(
    IReadOnlyList<string> Issuers,
    IReadOnlyList<string> Audiences,
    IReadOnlyList<string> Algorithms,
    IReadOnlyList<string> Types,
    bool MayLackExpiry = false
);
