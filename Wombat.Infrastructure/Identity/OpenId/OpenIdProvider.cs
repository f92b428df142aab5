using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Wombat.Domain.Common;
using Wombat.Domain.Directories;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>The configured OpenID provider: discovery, and the authorization code flow with PKCE, state and nonce.</summary>
public sealed class OpenIdProvider(ProviderDirectory directory, ProviderTokenReader tokenReader, ProviderHttp http, WombatSettings settings)
    : IOpenIdProvider
{
    public const string CallbackPath = "/api/v1/session/oidc/callback";

    private const string OfflineAccess = "offline_access";

    private const string LogoutEvent = "http://schemas.openid.net/event/backchannel-logout";

    private static readonly string[] LogoutTokenTypes = ["", "JWT", "logout+jwt"];

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

    public string? Name => settings.Oidc?.Name;

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
            throw ProviderTokenReader.Refused(
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
            throw ProviderTokenReader.Refused(
                $"the provider returned no ID token for the code: {Error(answer) ?? $"status {(int)status}"}"
            );
        }

        var claims = await tokenReader.ReadAsync(Oidc, idToken, cancel);
        if (ProviderJson.Text(claims, "nonce") != request.Nonce)
        {
            throw ProviderTokenReader.Refused("the ID token's nonce does not match the request");
        }

        return await tokenReader.ReadSignInAsync(Oidc, provider, claims, tokens, idToken, refreshToken: null, cancel);
    }

    public async Task<OidcSignInResult?> RefreshAsync(byte[] tokens, CancellationToken cancel)
    {
        var stored = tokenReader.Open(tokens);
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
            var claims = idToken is null ? SubjectOnly(stored.Subject) : await tokenReader.ReadAsync(Oidc, idToken, cancel);
            return ProviderJson.Text(claims, "sub") == stored.Subject
                ? await tokenReader.ReadSignInAsync(Oidc, provider, claims, answer, idToken ?? stored.IdToken, stored.RefreshToken, cancel)
                : null;
        }
        catch (UnauthenticatedException)
        {
            return null;
        }
    }

    public async Task<LogoutNotice> ReadLogoutAsync(string token, CancellationToken cancel)
    {
        var claims = await tokenReader.ReadAsync(Oidc, token, cancel, LogoutTokenTypes);
        var (subject, session) = (ProviderJson.Text(claims, "sub"), ProviderJson.Text(claims, "sid"));
        var isLogout =
            claims.TryGetProperty("events", out var events)
            && events.ValueKind == JsonValueKind.Object
            && events.TryGetProperty(LogoutEvent, out _)
            && !claims.TryGetProperty("nonce", out _);
        return isLogout && (subject ?? session) is not null
            ? new LogoutNotice(Oidc.Issuer, subject, session)
            : throw ProviderTokenReader.Refused("the token is not a logout token");
    }

    public async Task<string?> EndAsync(byte[] tokens, CancellationToken cancel)
    {
        var stored = tokenReader.Open(tokens);
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

    private static JsonElement SubjectOnly(string subject) =>
        JsonSerializer.SerializeToElement(new Dictionary<string, string>(StringComparer.Ordinal) { ["sub"] = subject });

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
}
