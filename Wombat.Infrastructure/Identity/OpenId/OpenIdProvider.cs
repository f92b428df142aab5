using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Wombat.Domain.Common;
using Wombat.Domain.Directories;
using Wombat.Domain.Users;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Secrets;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>The configured OpenID provider: discovery, and the authorization code flow with PKCE, state and nonce.</summary>
public sealed class OpenIdProvider(
    ProviderDirectory directory,
    JwtValidator validator,
    ProviderHttp http,
    SecretBox box,
    WombatSettings settings,
    TimeProvider clock
) : IOpenIdProvider
{
    public const string CallbackPath = "/api/v1/session/oidc/callback";

    private const string OfflineAccess = "offline_access";

    private const string LogoutEvent = "http://schemas.openid.net/event/backchannel-logout";

    // Errors of a refresh that concern Wombat's request or the provider, not the user (RFC 6749, 4.1.2.1 and 5.2).
    private static readonly HashSet<string> RetryableErrors = new(StringComparer.Ordinal)
    {
        "invalid_client",
        "unauthorized_client",
        "invalid_request",
        "unsupported_grant_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "slow_down",
    };

    // Sessions are refreshed when the access token expires, within these bounds.
    private static readonly TimeSpan MinRefreshInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxRefreshInterval = TimeSpan.FromHours(1);

    public RoleMappings Mappings => Oidc.Mappings;

    public bool CreatesUsers => Oidc.CreatesUsers;

    private OidcSettings Oidc =>
        settings.Oidc ?? throw new ConflictException(ErrorCode.ProviderNotConfigured, "No OpenID provider is configured.");

    public async Task<ProviderRequest> BeginAsync(CancellationToken cancel)
    {
        var provider = await directory.GetAsync(Oidc.Issuer, cancel);
        var endpoint = RequireEndpoint(provider.Authorization);
        var isOffline =
            Oidc.Scopes.Contains(OfflineAccess, StringComparer.Ordinal)
            && provider.Scopes?.Contains(OfflineAccess, StringComparer.Ordinal) != false;
        var scopes = string.Join(' ', Oidc.Scopes.Where(s => s != OfflineAccess || isOffline));
        var (state, nonce, verifier) = (Random(), Random(), Random());
        var query = Form(
            ("response_type", "code"),
            ("client_id", Oidc.ClientId),
            ("redirect_uri", settings.PublicUrl + CallbackPath),
            ("scope", scopes),
            ("state", state),
            ("nonce", nonce),
            ("code_challenge", Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))),
            ("code_challenge_method", "S256")
        );

        // For offline_access a provider returns a refresh token only after consent.
        if (isOffline)
        {
            query["prompt"] = "consent";
        }

        return new ProviderRequest(Extend(endpoint, query), state, nonce, verifier);
    }

    public async Task<OidcSignInResult> CompleteAsync(ProviderReturn response, ProviderRequest request, CancellationToken cancel)
    {
        var provider = await directory.GetAsync(Oidc.Issuer, cancel);
        if (response.Issuer is null ? provider.AnnouncesIssuer : response.Issuer != Oidc.Issuer)
        {
            throw Refused(
                response.Issuer is null
                    ? "the provider's response lacks iss although its metadata announces it"
                    : "the response comes from another issuer"
            );
        }

        if (string.IsNullOrEmpty(response.Code))
        {
            throw new UnauthenticatedException(
                "The OpenID provider did not complete the sign-in.",
                $"the provider returned {response.Error ?? "no authorization code"}"
            );
        }

        var code = response.Code;
        var (status, answer) = await http.PostAsync(
            RequireEndpoint(provider.Token),
            Oidc,
            provider.TokenSecretInBody,
            Form(
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", settings.PublicUrl + CallbackPath),
                ("code_verifier", request.Verifier)
            ),
            cancel
        );
        if (status != HttpStatusCode.OK || answer is not { } tokens || ProviderJson.Text(tokens, "id_token") is not { } idToken)
        {
            throw Refused($"the provider returned no ID token for the code: {Error(answer) ?? $"status {(int)status}"}");
        }

        var claims = await ReadAsync(idToken, ["", "JWT"], cancel);
        if (ProviderJson.Text(claims, "nonce") != request.Nonce)
        {
            throw Refused("the ID token's nonce does not match the request");
        }

        return await ReadSignInAsync(provider, claims, tokens, idToken, refreshToken: null, cancel);
    }

    public async Task<OidcSignInResult?> RefreshAsync(byte[] tokens, CancellationToken cancel)
    {
        var stored = OpenTokens(tokens);
        if (stored?.RefreshToken is null)
        {
            return null;
        }

        var provider = await directory.GetAsync(Oidc.Issuer, cancel);
        var (status, body) = await http.PostAsync(
            RequireEndpoint(provider.Token),
            Oidc,
            provider.TokenSecretInBody,
            Form(("grant_type", "refresh_token"), ("refresh_token", stored.RefreshToken)),
            cancel
        );
        if (status != HttpStatusCode.OK || body is not { } answer)
        {
            return body is { } error && ProviderJson.Text(error, "error") is { Length: > 0 } code && !RetryableErrors.Contains(code)
                ? null
                : throw ExternalSystemException.Unavailable(
                    ErrorCode.ProviderUnavailable,
                    $"The OpenID provider did not refresh the session: {Error(body) ?? $"status {(int)status}"}."
                );
        }

        try
        {
            var idToken = ProviderJson.Text(answer, "id_token");

            // The ID token is optional here (OpenID Connect Core, 12.2); the refreshed grant belongs to the same subject.
            var claims = idToken is null ? SubjectOnly(stored.Subject) : await ReadAsync(idToken, ["", "JWT"], cancel);
            return ProviderJson.Text(claims, "sub") == stored.Subject
                ? await ReadSignInAsync(provider, claims, answer, idToken ?? stored.IdToken, stored.RefreshToken, cancel)
                : null;
        }
        catch (UnauthenticatedException)
        {
            return null;
        }
    }

    public async Task<LogoutNotice> ReadLogoutAsync(string token, CancellationToken cancel)
    {
        var claims = await ReadAsync(token, ["", "JWT", "logout+jwt"], cancel);
        var (subject, session) = (ProviderJson.Text(claims, "sub"), ProviderJson.Text(claims, "sid"));
        var isLogout =
            claims.TryGetProperty("events", out var events)
            && events.ValueKind == JsonValueKind.Object
            && events.TryGetProperty(LogoutEvent, out _)
            && !claims.TryGetProperty("nonce", out _);
        return isLogout && (subject ?? session) is not null
            ? new LogoutNotice(Oidc.Issuer, subject, session)
            : throw Refused("the token is not a logout token");
    }

    public async Task<string?> EndAsync(byte[] tokens, CancellationToken cancel)
    {
        var stored = OpenTokens(tokens);
        try
        {
            var provider = await directory.GetAsync(Oidc.Issuer, cancel);
            if (provider.Revocation is not null && stored?.RefreshToken is { } refresh)
            {
                await http.PostAsync(
                    provider.Revocation,
                    Oidc,
                    provider.RevocationSecretInBody,
                    Form(("token", refresh), ("token_type_hint", "refresh_token")),
                    cancel
                );
            }

            return provider.EndSession is null || stored?.IdToken is null
                ? null
                : Extend(
                    provider.EndSession,
                    Form(
                        ("id_token_hint", stored.IdToken),
                        ("client_id", Oidc.ClientId),
                        ("post_logout_redirect_uri", settings.PublicUrl + "/")
                    )
                );
        }
        catch (ExternalSystemException)
        {
            // Wombat's own session ends in any case.
            return null;
        }
    }

    private async Task<OidcSignInResult> ReadSignInAsync(
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
            Groups(claims) is null || ProviderJson.Text(claims, Oidc.LoginClaim) is null
                ? await UserInfoAsync(provider, tokens, cancel)
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
            Oidc.Issuer,
            subject,
            Login(claims, profile),
            Claim("email"),
            Claim("name"),
            Groups(claims) ?? Groups(profile),
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
    private IReadOnlyList<string>? Groups(JsonElement claims) =>
        ProviderJson.IsTrue(claims, "hasgroups")
        || claims.TryGetProperty("_claim_names", out var elsewhere)
            && elsewhere.ValueKind == JsonValueKind.Object
            && elsewhere.TryGetProperty(Oidc.GroupsClaim, out _)
            ? null
            : ProviderJson.List(claims, Oidc.GroupsClaim);

    // Providers without login names, such as Google, return an e-mail address. An unverified address may belong to anybody.
    private string? Login(JsonElement claims, JsonElement profile)
    {
        if ((ProviderJson.Text(claims, Oidc.LoginClaim) ?? ProviderJson.Text(profile, Oidc.LoginClaim)) is { Length: > 0 } login)
        {
            return login;
        }

        var source = ProviderJson.Text(claims, "email") is null ? profile : claims;
        return ProviderJson.IsFalse(source, "email_verified") ? null : ProviderJson.Text(source, "email");
    }

    // Returns failures instead of throwing them: the claims of the ID token may be sufficient.
    private async Task<(JsonElement? Claims, string? Failure)> UserInfoAsync(
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
                ? await ReadAsync(Encoding.UTF8.GetString(body).Trim(), ["", "JWT"], cancel, mayLackExpiry: true)
                : ProviderJson.Parse(body);
            return claims is null ? (null, "the userinfo is not a JSON object") : (claims, null);
        }
        catch (Exception e) when (e is ExternalSystemException or UnauthenticatedException)
        {
            return (null, $"the userinfo cannot be read: {(e as UnauthenticatedException)?.Reason ?? e.Message}");
        }
    }

    private static JsonElement SubjectOnly(string subject) =>
        JsonSerializer.SerializeToElement(new Dictionary<string, string>(StringComparer.Ordinal) { ["sub"] = subject });

    private async Task<JsonElement> ReadAsync(
        string token,
        IReadOnlyList<string> types,
        CancellationToken cancel,
        bool mayLackExpiry = false
    )
    {
        try
        {
            var claims = await validator.ValidateAsync(
                token,
                new JwtRules([Oidc.Issuer], [Oidc.ClientId], Oidc.Algorithms, types, mayLackExpiry),
                cancel
            );
            return ProviderJson.Texts(claims, "aud").Count > 1 && ProviderJson.Text(claims, "azp") != Oidc.ClientId
                ? throw Refused("the token was issued to another client")
                : claims;
        }
        catch (TokenRefusedException e)
        {
            throw Refused(e.Message);
        }
    }

    // Null if the key that encrypted them is lost. The session then ends, as it does when the provider no longer confirms the user.
    private StoredTokens? OpenTokens(byte[] tokens)
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

    // The error response (RFC 6749, 5.2), shown in the audit log for whoever configured the client.
    private static string? Error(JsonElement? answer) =>
        answer is { } body && ProviderJson.Text(body, "error") is { } error
            ? $"{error} {ProviderJson.Text(body, "error_description")}".TrimEnd()
            : null;

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static Dictionary<string, string> Form(params (string Name, string Value)[] fields) =>
        fields.ToDictionary(f => f.Name, f => f.Value, StringComparer.Ordinal);

    private static string Extend(string url, Dictionary<string, string> query) =>
        $"{url}{(url.Contains('?', StringComparison.Ordinal) ? '&' : '?')}"
        + $"{string.Join('&', query.Select(q => $"{q.Key}={Uri.EscapeDataString(q.Value)}"))}";

    private static string RequireEndpoint(string? endpoint) =>
        endpoint
        ?? throw ExternalSystemException.Unavailable(
            ErrorCode.ProviderUnavailable,
            "The OpenID provider publishes no endpoint for this operation."
        );

    private static UnauthenticatedException Refused(string reason) =>
        new("The OpenID provider's response is not valid. Sign in again.", reason);

    private sealed record StoredTokens(string Subject, string? RefreshToken, string? IdToken);
}
