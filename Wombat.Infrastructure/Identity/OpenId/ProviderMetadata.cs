namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>The metadata of a provider. An endpoint is null if the provider has none.</summary>
public sealed record ProviderMetadata(
    string Issuer,
    string? Authorization,
    string? Token,
    string? UserInfo,
    string? EndSession,
    string? Revocation
)
{
    /// <summary>Whether the token endpoint accepts the client secret only in the request body.</summary>
    public bool TokenSecretInBody { get; init; }

    /// <summary>Whether the revocation endpoint accepts the client secret only in the request body.</summary>
    public bool RevocationSecretInBody { get; init; }

    /// <summary>The supported scopes; null if not published.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>Whether authorization responses contain iss (RFC 9207).</summary>
    public bool AnnouncesIssuer { get; init; }
}
