using System.Security.Cryptography;
using System.Text;
using Wombat.Api.Endpoints;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Identity;
using Wombat.Infrastructure.Identity.OpenId;

namespace Wombat.Api.Middleware;

/// <summary>Whose credential a request brings: a bearer token, or a session's cookie where there is none.</summary>
internal sealed class CallerAuthenticator(
    TokenAuthenticator tokens,
    SessionAuthenticator sessions,
    JwtAuthenticator jwts,
    WombatSettings settings
)
{
    private const string Scheme = "Bearer ";

    // Compared here and not in the database, so that the metrics can be read while that is away.
    private readonly byte[]? metricsToken = settings.MetricsToken is { } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;

    /// <param name="isUse">False where nobody does anything, as while a stream goes on: a session idles all the same.</param>
    /// <returns>Null where the request brings no credential, or one that is unknown, expired or revoked.</returns>
    /// <exception cref="UnauthenticatedException">A signed token that is not valid; the reason is for the audit.</exception>
    public async ValueTask<Caller?> AuthenticateAsync(HttpContext http, bool isUse)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            var token = header[Scheme.Length..].Trim();
            if (
                metricsToken is not null
                && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), metricsToken)
            )
            {
                return Caller.Metrics;
            }

            return jwts.IsFor(token)
                ? await jwts.AuthenticateAsync(token, http.RequestAborted)
                : await tokens.AuthenticateAsync(token, http.RequestAborted);
        }

        return CookieOf(http) is { } cookie ? await sessions.AuthenticateAsync(cookie, isUse, http.RequestAborted) : null;
    }

    /// <summary>The session's cookie, where it is what counts.</summary>
    public static string? CookieOf(HttpContext http) => http.Request.Headers.Authorization.Count == 0 ? SessionCookie.Read(http) : null;
}
