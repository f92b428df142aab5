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

/// <summary>Recognizes a session's cookie. Sessions lie in PostgreSQL: they survive restarts and hold on every replica.</summary>
public sealed class SessionAuthenticator(NpgsqlDataSource database, AccessCache cache, WombatSettings settings, TimeProvider clock)
    : ISessions
{
    private const int CookieLength = 43;

    private const string LookUp = """
        with found as (
            select s.id, s.user_id, s.expires_at, s.last_seen_at, u.login, u.platform_role from sessions s join users u on u.id = s.user_id
            where s.hash = $1 and s.expires_at > $2 and s.last_seen_at > $3 and u.active
        ),
        seen as (
            update sessions set last_seen_at = $2 from found where $4 and sessions.id = found.id and found.last_seen_at < $2 - interval '1 minute'
        )
        select id, user_id, expires_at, login, platform_role from found
        """;

    public TimeSpan Lifetime => settings.Sessions.Lifetime;

    public (string Cookie, byte[] Hash) New()
    {
        var cookie = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return (cookie, TokenAuthenticator.Hash(cookie));
    }

    public string CsrfToken(string cookie) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes("csrf " + cookie)));

    /// <param name="isUse">False leaves the session idle, and what was found unremembered: the next use must see that it is one.</param>
    public async ValueTask<Caller?> AuthenticateAsync(string cookie, bool isUse, CancellationToken cancel)
    {
        if (cookie.Length != CookieLength)
        {
            return null;
        }

        if (cache.TryRecognize(cookie, out var known))
        {
            return known;
        }

        var now = clock.GetUtcNow();
        var begun = cache.Credentials.Begin();
        await using var command = database.CreateCommand(LookUp);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = TokenAuthenticator.Hash(cookie) });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now - settings.Sessions.Idle });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = isUse });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel))
        {
            cache.Credentials.Remove(cookie);
            return null;
        }

        var isAdmin = SnakeCaseEnumConverter<PlatformRole>.Parse(reader.GetString(4)) == PlatformRole.Admin;
        var caller = new Caller(reader.GetString(3), "session", isAdmin) { UserId = reader.GetGuid(1), CredentialId = reader.GetGuid(0) };
        if (isUse)
        {
            cache.Credentials.Keep(cookie, (caller, reader.GetFieldValue<DateTimeOffset>(2)), begun);
        }

        return caller;
    }
}
