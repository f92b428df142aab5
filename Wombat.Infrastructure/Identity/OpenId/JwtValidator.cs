using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>
/// Validates signed tokens (RFC 7519) of known issuers. Only asymmetric algorithms are supported, so "none" and a public key used as
/// a shared secret are impossible; the key type must match the algorithm.
/// </summary>
public sealed class JwtValidator(ProviderDirectory providers, TimeProvider clock)
{
    /// <summary>Longer tokens are rejected without parsing.</summary>
    public const int MaxLength = 16 * 1024;

    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    /// <returns>The token's claims.</returns>
    /// <exception cref="TokenRefusedException">The token violates <paramref name="rules"/>.</exception>
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
            throw new TokenRefusedException("the token requires an extension (crit)");
        }

        if (!rules.Types.Contains(ProviderJson.Text(header, "typ") ?? "", StringComparer.OrdinalIgnoreCase))
        {
            throw new TokenRefusedException("the token has the wrong type (typ)");
        }

        var claims = Read(body);
        var issuer =
            rules.Issuers.FirstOrDefault(i => i == ProviderJson.Text(claims, "iss"))
            ?? throw new TokenRefusedException("the token's issuer is unknown");
        var keys = await providers.FindKeysAsync(issuer, ProviderJson.Text(header, "kid"), algorithm, cancel);
        var (signed, signatureBytes) = (Encoding.ASCII.GetBytes($"{head}.{body}"), Decode(signature));
        if (!keys.Any(k => k.Verify(algorithm, signed, signatureBytes)))
        {
            throw new TokenRefusedException(keys.Count == 0 ? "the token's key is unknown" : "the token's signature is invalid");
        }

        CheckClaims(claims, rules);
        return claims;
    }

    private void CheckClaims(JsonElement claims, JwtRules rules)
    {
        var now = clock.GetUtcNow();
        if (!ProviderJson.Texts(claims, "aud").Intersect(rules.Audiences, StringComparer.Ordinal).Any())
        {
            throw new TokenRefusedException("the token has the wrong audience");
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
