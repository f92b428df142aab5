using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Wombat.Domain.Common;
using Wombat.Domain.Directories;
using Wombat.Domain.Users;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Secrets;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>Validates tokens of the configured OpenID provider and reads sign-ins from them.</summary>
public sealed class ProviderTokenReader(JwtValidator validator, ProviderHttp http, SecretBox box, TimeProvider clock)
{
    private static readonly string[] DefaultTypes = ["", "JWT"];

    // Sessions are refreshed when the access token expires, within these bounds.
    private static readonly TimeSpan MinRefreshInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxRefreshInterval = TimeSpan.FromHours(1);

    /// <summary>Validates a token and returns its claims.</summary>
    /// <param name="types">The accepted types (the header typ); null: JWT or none.</param>
    /// <exception cref="UnauthenticatedException">The token is not valid.</exception>
    /// <exception cref="ExternalSystemException">The keys of the provider cannot be fetched.</exception>
    public async Task<JsonElement> ReadAsync(
        OidcSettings oidc,
        string token,
        CancellationToken cancel,
        IReadOnlyList<string>? types = null,
        bool mayLackExpiry = false
    )
    {
        try
        {
            var claims = await validator.ValidateAsync(
                token,
                new JwtRules([oidc.Issuer], [oidc.ClientId], oidc.Algorithms, types ?? DefaultTypes, mayLackExpiry),
                cancel
            );
            return ProviderJson.Texts(claims, "aud").Count > 1 && ProviderJson.Text(claims, "azp") != oidc.ClientId
                ? throw Refused("the token was issued to another client")
                : claims;
        }
        catch (TokenRefusedException e)
        {
            throw Refused(e.Message);
        }
    }

    /// <summary>
    /// Reads who signed in, from the claims of the ID token and, where they are not sufficient, from the userinfo endpoint.
    /// </summary>
    /// <param name="claims">The claims of the ID token.</param>
    /// <param name="tokens">The response of the token endpoint.</param>
    /// <exception cref="UnauthenticatedException">The response is not valid.</exception>
    public async Task<OidcSignInResult> ReadSignInAsync(
        OidcSettings oidc,
        ProviderMetadata provider,
        JsonElement claims,
        JsonElement tokens,
        string? idToken,
        string? refreshToken,
        CancellationToken cancel
    )
    {
        var subject = ProviderJson.Text(claims, "sub") is { Length: > 0 and <= ExternalIdentity.SubjectMax } sub
            ? sub
            : throw Refused("the ID token has no subject");
        var info =
            Groups(oidc, claims) is null || ProviderJson.Text(claims, oidc.LoginClaim) is null
                ? await UserInfoAsync(oidc, provider, tokens, cancel)
                : default;
        if (info.Claims is { } found && ProviderJson.Text(found, "sub") != subject)
        {
            throw Refused("the userinfo has another subject");
        }

        var profile = info.Claims ?? claims;
        string? Claim(string name) => ProviderJson.Text(claims, name) ?? ProviderJson.Text(profile, name);
        var refresh = ProviderJson.Text(tokens, "refresh_token") ?? refreshToken;
        var expires = TimeSpan.FromSeconds(
            Math.Clamp(
                ProviderJson.Number(tokens, "expires_in") ?? double.MaxValue,
                MinRefreshInterval.TotalSeconds,
                MaxRefreshInterval.TotalSeconds
            )
        );
        var stored = box.Seal(Purposes.ProviderTokens, JsonSerializer.SerializeToUtf8Bytes(new StoredTokens(subject, refresh, idToken)));
        return new OidcSignInResult(
            oidc.Issuer,
            subject,
            Login(oidc, claims, profile),
            Claim("email"),
            Claim("name"),
            Groups(oidc, claims) ?? Groups(oidc, profile),
            ProviderJson.Text(claims, "sid"),
            stored,
            refresh is null ? null : clock.GetUtcNow() + expires
        )
        {
            Incomplete = info.Failure,
        };
    }

    // Returns null if the groups are unknown: the claim is missing, or it only refers to an endpoint, as with Entra for members of
    // many groups.
    private static IReadOnlyList<string>? Groups(OidcSettings oidc, JsonElement claims) =>
        ProviderJson.IsTrue(claims, "hasgroups")
        || claims.TryGetProperty("_claim_names", out var elsewhere)
            && elsewhere.ValueKind == JsonValueKind.Object
            && elsewhere.TryGetProperty(oidc.GroupsClaim, out _)
            ? null
            : ProviderJson.List(claims, oidc.GroupsClaim);

    // Providers without login names, such as Google, return an e-mail address. An unverified address may belong to anybody.
    private static string? Login(OidcSettings oidc, JsonElement claims, JsonElement profile)
    {
        if ((ProviderJson.Text(claims, oidc.LoginClaim) ?? ProviderJson.Text(profile, oidc.LoginClaim)) is { Length: > 0 } login)
        {
            return login;
        }

        var source = ProviderJson.Text(claims, "email") is null ? profile : claims;
        return ProviderJson.IsFalse(source, "email_verified") ? null : ProviderJson.Text(source, "email");
    }

    // Returns failures instead of throwing them: the claims of the ID token may be sufficient.
    private async Task<(JsonElement? Claims, string? Failure)> UserInfoAsync(
        OidcSettings oidc,
        ProviderMetadata provider,
        JsonElement tokens,
        CancellationToken cancel
    )
    {
        if (provider.UserInfo is not { } url || ProviderJson.Text(tokens, "access_token") is not { } access)
        {
            return default;
        }

        if (access.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw Refused("the access token contains invalid characters");
        }

        try
        {
            var (body, isToken) = await http.GetUserInfoAsync(url, access, cancel);
            var claims = isToken
                ? await ReadAsync(oidc, Encoding.UTF8.GetString(body).Trim(), cancel, mayLackExpiry: true)
                : ProviderJson.Parse(body);
            return claims is null ? (null, "the userinfo is not a JSON object") : (claims, null);
        }
        catch (Exception e) when (e is ExternalSystemException or UnauthenticatedException)
        {
            return (null, $"the userinfo cannot be read: {(e as UnauthenticatedException)?.Reason ?? e.Message}");
        }
    }

    /// <summary>
    /// The tokens that <see cref="ReadSignInAsync"/> encrypted; null if the key is lost. The session then ends, as it does when the
    /// provider no longer confirms the user.
    /// </summary>
    internal StoredTokens? Open(byte[] tokens)
    {
        try
        {
            return JsonSerializer.Deserialize<StoredTokens>(box.Open(Purposes.ProviderTokens, tokens));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    internal static UnauthenticatedException Refused(string reason) =>
        new("The OpenID provider's response is not valid. Sign in again.", reason);
}
