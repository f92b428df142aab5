using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Wombat.Application.Access;
using Wombat.Application.Sessions;
using Wombat.Domain.Access;
using Wombat.Domain.Users;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Identity;

/// <summary>Authenticates session cookies. Sessions are stored in PostgreSQL, so they survive restarts and are valid on every replica.</summary>
public sealed class SessionAuthenticator(NpgsqlDataSource database, AccessCache cache, WombatSettings settings, TimeProvider clock)
    : ISessions
{
    private const int CookieLength = 43;

    public TimeSpan Lifetime => settings.Sessions.Lifetime;

    public (string Cookie, byte[] Hash) New()
    {
        var cookie = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return (cookie, TokenAuthenticator.Hash(cookie));
    }

    public string CsrfToken(string cookie) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes("csrf " + cookie)));

    /// <param name="isUse">
    /// Whether the request counts as activity. If false, the last activity is not updated and the caller is not cached, so that the next
    /// request updates it.
    /// </param>
    public async ValueTask<Caller?> AuthenticateAsync(string cookie, bool isUse, CancellationToken cancel)
    {
        if (cookie.Length != CookieLength)
        {
            return null;
        }

        if (cache.TryGetCaller(cookie, out var known))
        {
            return known;
        }

        var now = clock.GetUtcNow();
        var read = cache.Credentials.Begin();
        var found = await LookUpAsync(TokenAuthenticator.Hash(cookie), now, isUse, cancel);
        if (found is null)
        {
            cache.Credentials.Remove(cookie);
            return null;
        }

        if (isUse)
        {
            cache.Credentials.Store(cookie, (found.Value.Caller, found.Value.ExpiresAt), read);
        }

        return found.Value.Caller;
    }

    private async Task<(Caller Caller, DateTimeOffset ExpiresAt)?> LookUpAsync(
        byte[] hash,
        DateTimeOffset now,
        bool isUse,
        CancellationToken cancel
    )
    {
        var found = await database.QueryAsync(
            $"""
            with found as (
                select s.id, s.user_id, s.expires_at, s.last_seen_at, u.login, u.platform_role from sessions s join users u on u.id = s.user_id
                where s.hash = {hash} and s.expires_at > {now} and s.last_seen_at > {now - settings.Sessions.Idle} and u.active
            ),
            seen as (
                update sessions set last_seen_at = {now} from found
                where {isUse} and sessions.id = found.id and found.last_seen_at < {now} - interval '1 minute'
            )
            select id, user_id, expires_at, login, platform_role from found
            """,
            r =>
                (
                    new Caller(r.GetString(3), "session", SnakeCaseEnumConverter<PlatformRole>.Parse(r.GetString(4)) == PlatformRole.Admin)
                    {
                        UserId = r.GetGuid(1),
                        CredentialId = r.GetGuid(0),
                    },
                    r.GetFieldValue<DateTimeOffset>(2)
                ),
            cancel
        );
        return found.Count > 0 ? found[0] : null;
    }
}
