using System.Security.Cryptography;
using System.Text;
using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Identity.OpenId;

namespace Wombat.Infrastructure.Identity;

/// <summary>Asks the authenticator that knows the kind of credential.</summary>
public sealed class CredentialAuthenticator(
    TokenAuthenticator tokens,
    SessionAuthenticator sessions,
    JwtAuthenticator jwts,
    WombatSettings settings
) : ICredentialAuthenticator
{
    // Not in the database, so that the metrics can be read while it is unavailable.
    private readonly byte[]? metricsToken = settings.MetricsToken is { } token ? Hash(token) : null;

    public async ValueTask<Caller?> AuthenticateTokenAsync(string token, CancellationToken cancel)
    {
        if (metricsToken is not null && CryptographicOperations.FixedTimeEquals(Hash(token), metricsToken))
        {
            return Caller.Metrics;
        }

        return jwts.IsFor(token) ? await jwts.AuthenticateAsync(token, cancel) : await tokens.AuthenticateAsync(token, cancel);
    }

    public ValueTask<Caller?> AuthenticateSessionAsync(string cookie, bool isUse, CancellationToken cancel) =>
        sessions.AuthenticateAsync(cookie, isUse, cancel);

    public Task<Caller?> FindTokenCallerAsync(Guid token, CancellationToken cancel) => tokens.FindCallerAsync(token, cancel);

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
