using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Access;

/// <summary>Authenticates credentials.</summary>
public interface ICredentialAuthenticator
{
    /// <summary>The caller of a bearer token: an API token, the metrics token, or a JSON Web Token of a configured issuer.</summary>
    /// <returns>Null for an unknown, expired or revoked token.</returns>
    /// <exception cref="UnauthenticatedException">A signed token is not valid; the reason is for the audit.</exception>
    ValueTask<Caller?> AuthenticateTokenAsync(string token, CancellationToken cancel);

    /// <summary>The caller of a session's cookie.</summary>
    /// <param name="isUse">False for checks without user activity, such as those of open streams: the session stays idle.</param>
    /// <returns>Null for an unknown or ended session.</returns>
    ValueTask<Caller?> AuthenticateSessionAsync(string cookie, bool isUse, CancellationToken cancel);

    /// <summary>The caller of an API token as it is now, for work that was requested with it before.</summary>
    /// <returns>Null for an unknown, expired or revoked token, and for one of an inactive user.</returns>
    Task<Caller?> FindTokenCallerAsync(Guid token, CancellationToken cancel);
}
