using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Wombat.Application.Directories;
using Wombat.Domain.Common;
using Wombat.Domain.Users;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Secrets;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>The configured OpenID provider, by discovery: authorization code flow with PKCE, state and nonce.</summary>
public sealed class OpenIdProvider(ProviderDirectory directory, JwtValidator validator, ProviderHttp http, SecretBox box, WombatSettings settings, TimeProvider clock) : IOpenIdProvider
{
    public const string CallbackPath = "/api/v1/session/oidc/callback";

    private const string LogoutEvent = "http://schemas.openid.net/event/backchannel-logout";

    // How often the provider is asked whether it still vouches: as often as its access tokens end, within these.
    private static readonly TimeSpan LeastRefresh = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MostRefresh = TimeSpan.FromHours(1);

    public RoleMappings Mappings => Oidc.Mappings;

    public bool CreatesUsers => Oidc.CreatesUsers;

    private OidcSettings Oidc => settings.Oidc ?? throw new ConflictException("provider_not_configured", "No OpenID provider is configured.");

    public async Task<ProviderRequest> BeginAsync(CancellationToken cancel)
    {
        var endpoint = Need((await directory.GetAsync(Oidc.Issuer, cancel)).Authorization);
        var (state, nonce, verifier) = (Random(), Random(), Random());
        var query = Form(
            ("response_type", "code"), ("client_id", Oidc.ClientId), ("redirect_uri", settings.PublicUrl + CallbackPath), ("scope", string.Join(' ', Oidc.Scopes)), ("state", state), ("nonce", nonce),
            ("code_challenge", Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))), ("code_challenge_method", "S256"));

        // A refresh token is given for offline_access only to who is asked for consent.
        if (Oidc.Scopes.Contains("offline_access", StringComparer.Ordinal))
        {
            query["prompt"] = "consent";
        }

        return new ProviderRequest(Extend(endpoint, query), state, nonce, verifier);
    }

    public async Task<Vouched> CompleteAsync(string code, ProviderRequest request, CancellationToken cancel)
    {
        var provider = await directory.GetAsync(Oidc.Issuer, cancel);
        var (status, answer) = await http.PostAsync(
            Need(provider.Token), Oidc.ClientId, Oidc.ClientSecret,
            Form(("grant_type", "authorization_code"), ("code", code), ("redirect_uri", settings.PublicUrl + CallbackPath), ("code_verifier", request.Verifier)), cancel);
        if (status != HttpStatusCode.OK || answer is not { } tokens || ProviderJson.Text(tokens, "id_token") is not { } idToken)
        {
            throw Refused($"the provider gives no ID token for the code: {Error(answer) ?? $"it answers {(int)status}"}");
        }

        var claims = await ReadAsync(idToken, ["", "JWT"], cancel);
        if (ProviderJson.Text(claims, "nonce") != request.Nonce)
        {
            throw Refused("the ID token answers another request");
        }

        return await VouchAsync(provider, claims, tokens, idToken, refreshToken: null, cancel);
    }

    public async Task<Vouched?> RefreshAsync(byte[] tokens, CancellationToken cancel)
    {
        var kept = OpenTokens(tokens);
        if (kept?.RefreshToken is null)
        {
            return null;
        }

        var provider = await directory.GetAsync(Oidc.Issuer, cancel);
        var (status, body) = await http.PostAsync(Need(provider.Token), Oidc.ClientId, Oidc.ClientSecret, Form(("grant_type", "refresh_token"), ("refresh_token", kept.RefreshToken)), cancel);
        if (status != HttpStatusCode.OK || body is not { } answer)
        {
            return body is { } error && ProviderJson.Text(error, "error") == "invalid_grant" ? null : throw new UnavailableException("provider_unavailable", "The OpenID provider does not refresh.");
        }

        try
        {
            var idToken = ProviderJson.Text(answer, "id_token");
            var claims = idToken is null ? await UserInfoAsync(provider, answer, cancel) : await ReadAsync(idToken, ["", "JWT"], cancel);
            return claims is { } found && ProviderJson.Text(found, "sub") == kept.Subject
                ? await VouchAsync(provider, found, answer, idToken ?? kept.IdToken, kept.RefreshToken, cancel)
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
        var isLogout = claims.TryGetProperty("events", out var events) && events.ValueKind == JsonValueKind.Object && events.TryGetProperty(LogoutEvent, out _) && !claims.TryGetProperty("nonce", out _);
        return isLogout && (subject ?? session) is not null ? new LogoutNotice(Oidc.Issuer, subject, session) : throw Refused("the token is no logout token");
    }

    public async Task<string?> EndAsync(byte[] tokens, CancellationToken cancel)
    {
        var kept = OpenTokens(tokens);
        try
        {
            var provider = await directory.GetAsync(Oidc.Issuer, cancel);
            if (provider.Revocation is not null && kept?.RefreshToken is { } refresh)
            {
                await http.PostAsync(provider.Revocation, Oidc.ClientId, Oidc.ClientSecret, Form(("token", refresh), ("token_type_hint", "refresh_token")), cancel);
            }

            return provider.EndSession is null || kept?.IdToken is null ? null
                : Extend(provider.EndSession, Form(("id_token_hint", kept.IdToken), ("client_id", Oidc.ClientId), ("post_logout_redirect_uri", settings.PublicUrl + "/")));
        }
        catch (UnavailableException)
        {
            // The session here ends all the same.
            return null;
        }
    }

    private async Task<Vouched> VouchAsync(ProviderMetadata provider, JsonElement claims, JsonElement tokens, string? idToken, string? refreshToken, CancellationToken cancel)
    {
        var subject = ProviderJson.Text(claims, "sub") is { Length: > 0 and <= ExternalIdentity.SubjectMax } sub ? sub : throw Refused("the ID token names no subject");
        var profile = claims;
        if (!claims.TryGetProperty(Oidc.GroupsClaim, out _) && await UserInfoAsync(provider, tokens, cancel) is { } info)
        {
            profile = ProviderJson.Text(info, "sub") == subject ? info : throw Refused("the userinfo is another's");
        }

        string? Claim(string name) => ProviderJson.Text(claims, name) ?? ProviderJson.Text(profile, name);
        var refresh = ProviderJson.Text(tokens, "refresh_token") ?? refreshToken;
        var expires = TimeSpan.FromSeconds(Math.Clamp(ProviderJson.Number(tokens, "expires_in") ?? double.MaxValue, LeastRefresh.TotalSeconds, MostRefresh.TotalSeconds));
        var kept = box.Seal(Purposes.ProviderTokens, JsonSerializer.SerializeToUtf8Bytes(new KeptTokens(subject, refresh, idToken)));
        return new Vouched(
            Oidc.Issuer, subject, Claim(Oidc.LoginClaim), Claim("email"), Claim("name"), ProviderJson.Texts(profile, Oidc.GroupsClaim), ProviderJson.Text(claims, "sid"), kept, refresh is null ? null : clock.GetUtcNow() + expires);
    }

    private async Task<JsonElement?> UserInfoAsync(ProviderMetadata provider, JsonElement tokens, CancellationToken cancel)
    {
        if (provider.UserInfo is not { } url || ProviderJson.Text(tokens, "access_token") is not { } access)
        {
            return null;
        }

        return access.AsSpan().ContainsAnyExceptInRange('!', '~') ? throw Refused("the access token cannot be sent") : await http.GetAsync(url, access, cancel);
    }

    private async Task<JsonElement> ReadAsync(string token, IReadOnlyList<string> types, CancellationToken cancel)
    {
        try
        {
            var claims = await validator.ValidateAsync(token, new JwtRules([Oidc.Issuer], [Oidc.ClientId], Oidc.Algorithms, types), cancel);
            return ProviderJson.Texts(claims, "aud").Count > 1 && ProviderJson.Text(claims, "azp") != Oidc.ClientId ? throw Refused("the token was given to another client") : claims;
        }
        catch (TokenRefusedException e)
        {
            throw Refused(e.Message);
        }
    }

    // Null where the key that sealed them is gone: the session then ends, as it does when the provider vouches no more.
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
        answer is { } body && ProviderJson.Text(body, "error") is { } error ? $"{error} {ProviderJson.Text(body, "error_description")}".TrimEnd() : null;

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static Dictionary<string, string> Form(params (string Name, string Value)[] fields) => fields.ToDictionary(f => f.Name, f => f.Value, StringComparer.Ordinal);

    private static string Extend(string url, Dictionary<string, string> query) =>
        $"{url}{(url.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{string.Join('&', query.Select(q => $"{q.Key}={Uri.EscapeDataString(q.Value)}"))}";

    private static string Need(string? endpoint) => endpoint ?? throw new UnavailableException("provider_unavailable", "The OpenID provider publishes no endpoint for this.");

    private static UnauthenticatedException Refused(string reason) => new("The OpenID provider's answer is not valid. Sign in again.", reason);

    private sealed record KeptTokens(string Subject, string? RefreshToken, string? IdToken);
}
