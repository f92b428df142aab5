using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>
/// Verifies signed tokens (RFC 7519) of known issuers. Only asymmetric algorithms exist here, so "none" and a shared secret
/// made of a public key cannot be asked for; the key's kind must fit the algorithm.
/// </summary>
public sealed class JwtValidator(ProviderDirectory providers, TimeProvider clock)
{
    /// <summary>Longer tokens are refused unread.</summary>
    public const int MaxLength = 16 * 1024;

    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    /// <returns>The token's claims.</returns>
    /// <exception cref="TokenRefusedException">It is not valid by <paramref name="rules"/>.</exception>
    /// <exception cref="ExternalSystemException">The issuer's keys cannot be fetched.</exception>
    public async Task<JsonElement> ValidateAsync(string token, JwtRules rules, CancellationToken cancel)
    {
        if (token.Length > MaxLength || token.Split('.') is not [var head, var body, var signature])
        {
            throw new TokenRefusedException(token.Length > MaxLength ? "the token is too long" : "the token is not a signed JWT");
        }

        var header = Read(head);
        var algorithm = ProviderJson.Text(header, "alg") ?? "";
        if (!rules.Algorithms.Contains(algorithm, StringComparer.Ordinal))
        {
            throw new TokenRefusedException("the token's algorithm is not allowed");
        }

        if (header.TryGetProperty("crit", out _))
        {
            throw new TokenRefusedException("the token demands an extension");
        }

        if (!rules.Types.Contains(ProviderJson.Text(header, "typ") ?? "", StringComparer.OrdinalIgnoreCase))
        {
            throw new TokenRefusedException("the token is of another type");
        }

        var claims = Read(body);
        var issuer =
            rules.Issuers.FirstOrDefault(i => i == ProviderJson.Text(claims, "iss"))
            ?? throw new TokenRefusedException("the token's issuer is not known");
        var keys = await providers.FindKeysAsync(issuer, ProviderJson.Text(header, "kid"), algorithm, cancel);
        var (signed, signatureBytes) = (Encoding.ASCII.GetBytes($"{head}.{body}"), Decode(signature));
        if (!keys.Any(k => k.Verify(algorithm, signed, signatureBytes)))
        {
            throw new TokenRefusedException(keys.Count == 0 ? "the token's key is not known" : "the token's signature is wrong");
        }

        CheckClaims(claims, rules);
        return claims;
    }

    private void CheckClaims(JsonElement claims, JwtRules rules)
    {
        var now = clock.GetUtcNow();
        if (!ProviderJson.Texts(claims, "aud").Intersect(rules.Audiences, StringComparer.Ordinal).Any())
        {
            throw new TokenRefusedException("the token is for another audience");
        }

        if (Time(claims, "exp") is { } expires ? expires <= now - Skew : !rules.MayLackExpiry)
        {
            throw new TokenRefusedException("the token has expired");
        }

        if (Time(claims, "nbf") > now + Skew || Time(claims, "iat") > now + Skew)
        {
            throw new TokenRefusedException("the token is not valid yet");
        }
    }

    private static DateTimeOffset? Time(JsonElement claims, string name)
    {
        if (!claims.TryGetProperty(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is > 0 and < 253_402_300_799
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : throw new TokenRefusedException($"the token's {name} is not a time");
    }

    private static JsonElement Read(string part) =>
        ProviderJson.Parse(Decode(part)) ?? throw new TokenRefusedException("the token is not a signed JWT");

    private static byte[] Decode(string part)
    {
        try
        {
            return Base64Url.DecodeFromChars(part);
        }
        catch (FormatException)
        {
            throw new TokenRefusedException("the token is not a signed JWT");
        }
    }
}

/// <param name="Types">What the header's typ may say; an empty one stands for none.</param>
/// <param name="MayLackExpiry">Whether the token may be without exp, as an answer that is read at once.</param>
public sealed record JwtRules(
    IReadOnlyList<string> Issuers,
    IReadOnlyList<string> Audiences,
    IReadOnlyList<string> Algorithms,
    IReadOnlyList<string> Types,
    bool MayLackExpiry = false
);
