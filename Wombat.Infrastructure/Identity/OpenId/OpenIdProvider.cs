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

/// <summary>The configured OpenID provider, by discovery: authorization code flow with PKCE, state and nonce.</summary>
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

    // Errors of a refresh that say nothing about the user: Wombat's own faults, and the provider's (RFC 6749, 4.1.2.1 and 5.2).
    private static readonly HashSet<string> Waits = new(StringComparer.Ordinal)
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

    // How often the provider is asked whether it still vouches: as often as its access tokens end, within these.
    private static readonly TimeSpan LeastRefresh = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MostRefresh = TimeSpan.FromHours(1);

    public RoleMappings Mappings => Oidc.Mappings;

    public bool CreatesUsers => Oidc.CreatesUsers;

    private OidcSettings Oidc =>
        settings.Oidc ?? throw new ConflictException(ErrorCode.ProviderNotConfigured, "No OpenID provider is configured.");

    public async Task<ProviderRequest> BeginAsync(CancellationToken cancel)
    {
        var provider = await directory.GetAsync(Oidc.Issuer, cancel);
        var endpoint = Need(provider.Authorization);
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

        // A refresh token is given for offline_access only to who is asked for consent.
        if (isOffline)
        {
            query["prompt"] = "consent";
        }

        return new ProviderRequest(Extend(endpoint, query), state, nonce, verifier);
    }

    public async Task<OidcSignInResult> CompleteAsync(ProviderReturn answered, ProviderRequest request, CancellationToken cancel)
    {
        var provider = await directory.GetAsync(Oidc.Issuer, cancel);
        if (answered.Issuer is null ? provider.AnnouncesIssuer : answered.Issuer != Oidc.Issuer)
        {
            throw Refused(
                answered.Issuer is null ? "the provider's response lacks iss, which it announces" : "the response comes from another issuer"
            );
        }

        if (string.IsNullOrEmpty(answered.Code))
        {
            throw new UnauthenticatedException(
                "The OpenID provider did not sign you in.",
                $"the provider answered {answered.Error ?? "without a code"}"
            );
        }

        var code = answered.Code;
        var (status, answer) = await http.PostAsync(
            Need(provider.Token),
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
            throw Refused($"the provider gives no ID token for the code: {Error(answer) ?? $"it answers {(int)status}"}");
        }

        var claims = await ReadAsync(idToken, ["", "JWT"], cancel);
        if (ProviderJson.Text(claims, "nonce") != request.Nonce)
        {
            throw Refused("the ID token answers another request");
        }

        return await ReadSignInAsync(provider, claims, tokens, idToken, refreshToken: null, cancel);
    }

    public async Task<OidcSignInResult?> RefreshAsync(byte[] tokens, CancellationToken cancel)
    {
        var kept = OpenTokens(tokens);
        if (kept?.RefreshToken is null)
        {
            return null;
        }

        var provider = await directory.GetAsync(Oidc.Issuer, cancel);
        var (status, body) = await http.PostAsync(
            Need(provider.Token),
            Oidc,
            provider.TokenSecretInBody,
            Form(("grant_type", "refresh_token"), ("refresh_token", kept.RefreshToken)),
            cancel
        );
        if (status != HttpStatusCode.OK || body is not { } answer)
        {
            return body is { } error && ProviderJson.Text(error, "error") is { Length: > 0 } code && !Waits.Contains(code)
                ? null
                : throw ExternalSystemException.Unavailable(
                    ErrorCode.ProviderUnavailable,
                    $"The OpenID provider does not refresh: {Error(body) ?? $"it answers {(int)status}"}."
                );
        }

        try
        {
            var idToken = ProviderJson.Text(answer, "id_token");

            // Without an ID token (OpenID Connect Core, 12.2) the refreshed grant still is the same subject's.
            var claims = idToken is null ? SubjectOnly(kept.Subject) : await ReadAsync(idToken, ["", "JWT"], cancel);
            return ProviderJson.Text(claims, "sub") == kept.Subject
                ? await ReadSignInAsync(provider, claims, answer, idToken ?? kept.IdToken, kept.RefreshToken, cancel)
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
            : throw Refused("the token is no logout token");
    }

    public async Task<string?> EndAsync(byte[] tokens, CancellationToken cancel)
    {
        var kept = OpenTokens(tokens);
        try
        {
            var provider = await directory.GetAsync(Oidc.Issuer, cancel);
            if (provider.Revocation is not null && kept?.RefreshToken is { } refresh)
            {
                await http.PostAsync(
                    provider.Revocation,
                    Oidc,
                    provider.RevocationSecretInBody,
                    Form(("token", refresh), ("token_type_hint", "refresh_token")),
                    cancel
                );
            }

            return provider.EndSession is null || kept?.IdToken is null
                ? null
                : Extend(
                    provider.EndSession,
                    Form(
                        ("id_token_hint", kept.IdToken),
                        ("client_id", Oidc.ClientId),
                        ("post_logout_redirect_uri", settings.PublicUrl + "/")
                    )
                );
        }
        catch (ExternalSystemException)
        {
            // The session here ends all the same.
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
            : throw Refused("the ID token names no subject");
        var info =
            Groups(claims) is null || ProviderJson.Text(claims, Oidc.LoginClaim) is null
                ? await UserInfoAsync(provider, tokens, cancel)
                : default;
        if (info.Claims is { } found && ProviderJson.Text(found, "sub") != subject)
        {
            throw Refused("the userinfo is another's");
        }

        var profile = info.Claims ?? claims;
        string? Claim(string name) => ProviderJson.Text(claims, name) ?? ProviderJson.Text(profile, name);
        var refresh = ProviderJson.Text(tokens, "refresh_token") ?? refreshToken;
        var expires = TimeSpan.FromSeconds(
            Math.Clamp(ProviderJson.Number(tokens, "expires_in") ?? double.MaxValue, LeastRefresh.TotalSeconds, MostRefresh.TotalSeconds)
        );
        var kept = box.Seal(Purposes.ProviderTokens, JsonSerializer.SerializeToUtf8Bytes(new KeptTokens(subject, refresh, idToken)));
        return new OidcSignInResult(
            Oidc.Issuer,
            subject,
            Login(claims, profile),
            Claim("email"),
            Claim("name"),
            Groups(claims) ?? Groups(profile),
            ProviderJson.Text(claims, "sid"),
            kept,
            refresh is null ? null : clock.GetUtcNow() + expires
        )
        {
            Incomplete = info.Failure,
        };
    }

    // Null where the provider does not say: no claim at all, or one that only refers to where the groups can be asked for, as
    // Entra does for members of many groups.
    private IReadOnlyList<string>? Groups(JsonElement claims) =>
        ProviderJson.IsTrue(claims, "hasgroups")
        || claims.TryGetProperty("_claim_names", out var elsewhere)
            && elsewhere.ValueKind == JsonValueKind.Object
            && elsewhere.TryGetProperty(Oidc.GroupsClaim, out _)
            ? null
            : ProviderJson.List(claims, Oidc.GroupsClaim);

    // Providers without login names, such as Google, give an address; one that is not verified may be anybody's.
    private string? Login(JsonElement claims, JsonElement profile)
    {
        if ((ProviderJson.Text(claims, Oidc.LoginClaim) ?? ProviderJson.Text(profile, Oidc.LoginClaim)) is { Length: > 0 } login)
        {
            return login;
        }

        var source = ProviderJson.Text(claims, "email") is null ? profile : claims;
        return ProviderJson.IsFalse(source, "email_verified") ? null : ProviderJson.Text(source, "email");
    }

    // What is wrong with the userinfo is told where it is missed: the ID token may suffice.
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
            throw Refused("the access token cannot be sent");
        }

        try
        {
            var (body, isToken) = await http.GetUserInfoAsync(url, access, cancel);
            var claims = isToken
                ? await ReadAsync(Encoding.UTF8.GetString(body).Trim(), ["", "JWT"], cancel, mayLackExpiry: true)
                : ProviderJson.Parse(body);
            return claims is null ? (null, "the userinfo is no JSON object") : (claims, null);
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
                ? throw Refused("the token was given to another client")
                : claims;
        }
        catch (TokenRefusedException e)
        {
            throw Refused(e.Message);
        }
    }

    // Null where the key that sealed them is gone: the session then ends, as it does when the provider no longer confirms the user.
    private KeptTokens? OpenTokens(byte[] tokens)
    {
        try
        {
            return JsonSerializer.Deserialize<KeptTokens>(box.Open(Purposes.ProviderTokens, tokens));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    // Of RFC 6749, 5.2; whoever configured the client is to find it in the audit.
    private static string? Error(JsonElement? answer) =>
        answer is { } body && ProviderJson.Text(body, "error") is { } error
            ? $"{error} {ProviderJson.Text(body, "error_description")}".TrimEnd()
            : null;

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static Dictionary<string, string> Form(params (string Name, string Value)[] fields) =>
        fields.ToDictionary(f => f.Name, f => f.Value, StringComparer.Ordinal);

    private static string Extend(string url, Dictionary<string, string> query) =>
        $"{url}{(url.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{string.Join('&', query.Select(q => $"{q.Key}={Uri.EscapeDataString(q.Value)}"))}";

    private static string Need(string? endpoint) =>
        endpoint
        ?? throw ExternalSystemException.Unavailable(ErrorCode.ProviderUnavailable, "The OpenID provider publishes no endpoint for this.");

    private static UnauthenticatedException Refused(string reason) =>
        new("The OpenID provider's answer is not valid. Sign in again.", reason);

    private sealed record KeptTokens(string Subject, string? RefreshToken, string? IdToken);
}
