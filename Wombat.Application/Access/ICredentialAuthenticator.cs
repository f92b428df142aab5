using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Access;

/// <summary>Finds the callers of credentials.</summary>
public interface ICredentialAuthenticator
{
    /// <summary>The caller of a bearer token: a user's, a project's, that of the metrics, or a signed token of a configured issuer.</summary>
    /// <returns>Null for an unknown, expired or revoked token.</returns>
    /// <exception cref="UnauthenticatedException">A signed token is not valid; the reason is for the audit.</exception>
    ValueTask<Caller?> AuthenticateTokenAsync(string token, CancellationToken cancel);

    /// <summary>The caller of a session's cookie.</summary>
    /// <param name="isUse">False for a check that is no activity of the user, such as that of an open stream: the session stays idle.</param>
    /// <returns>Null for an unknown or ended session.</returns>
    ValueTask<Caller?> AuthenticateSessionAsync(string cookie, bool isUse, CancellationToken cancel);
}
