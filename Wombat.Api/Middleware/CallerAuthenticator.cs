using Wombat.Api.Http;
using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Api.Middleware;

/// <summary>Authenticates a request by its bearer token, or by the session cookie when it has no Authorization header.</summary>
internal sealed class CallerAuthenticator(ICredentialAuthenticator credentials)
{
    private const string Scheme = "Bearer ";

    /// <param name="isUse">As for <see cref="ICredentialAuthenticator.AuthenticateSessionAsync"/>.</param>
    /// <returns>Null when the request has no credential, or one that is unknown, expired or revoked.</returns>
    /// <exception cref="UnauthenticatedException">A signed token is not valid; the reason is for the audit.</exception>
    public async ValueTask<Caller?> AuthenticateAsync(HttpContext http, bool isUse)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return await credentials.AuthenticateTokenAsync(header[Scheme.Length..].Trim(), http.RequestAborted);
        }

        return CookieOf(http) is { } cookie ? await credentials.AuthenticateSessionAsync(cookie, isUse, http.RequestAborted) : null;
    }

    /// <summary>The session cookie, unless an Authorization header takes precedence.</summary>
    public static string? CookieOf(HttpContext http) => http.Request.Headers.Authorization.Count == 0 ? SessionCookie.Read(http) : null;
}
