using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Wombat.Application.Access;
using Wombat.Application.Tokens;
using Wombat.Domain.Access;
using Wombat.Domain.Users;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Identity;

/// <summary>
/// Authenticates bearer tokens. Only their SHA-256 hash is stored; tokens are 256 random bits, so a slower hash is not needed.
/// </summary>
public sealed class TokenAuthenticator(NpgsqlDataSource database, AccessCache cache, WombatSettings settings, TimeProvider clock) : ITokens
{
    /// <summary>The prefix of every token, by which secret scanners recognize it.</summary>
    public const string Prefix = "wombat_";

    private const int MaxLength = 200;

    public ValueTask<Caller?> AuthenticateAsync(string token, CancellationToken cancel)
    {
        if (token.Length > MaxLength || !token.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return ValueTask.FromResult<Caller?>(null);
        }

        return cache.TryGetCaller(token, out var known) ? ValueTask.FromResult<Caller?>(known) : LookUpAsync(token, cancel);
    }

    public (string Token, byte[] Hash) New()
    {
        var token = NewToken();
        return (token, Hash(token));
    }

    /// <summary>A new token; the caller stores <see cref="Hash"/> of it.</summary>
    public static string NewToken() => Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>The caller of a token as it is now; null for one that is not valid.</summary>
    public async Task<Caller?> FindCallerAsync(Guid id, CancellationToken cancel)
    {
        var hashes = await database.QueryAsync($"select hash from access_tokens where id = {id}", r => r.GetFieldValue<byte[]>(0), cancel);
        return hashes.Count == 0 ? null : await FindAsync(hashes[0], cancel);
    }

    private async ValueTask<Caller?> LookUpAsync(string token, CancellationToken cancel)
    {
        var read = cache.Credentials.Begin();
        var caller = await FindAsync(Hash(token), cancel);
        if (caller is null)
        {
            // Not cached: guesses must not fill the memory.
            cache.Credentials.Remove(token);
            return null;
        }

        cache.Credentials.Store(token, (caller, caller.ExpiresAt), read);
        return caller;
    }

    private async Task<Caller?> FindAsync(byte[] hash, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();

        // The use is written at most once a minute, so that a read is not a write.
        var found = await database.QueryAsync(
            $"""
            with found as (
                select t.id, t.name, t.user_id, t.project_id, t.scope, t.expires_at, u.login, u.platform_role, t.last_used_at
                from access_tokens t left join users u on u.id = t.user_id
                where t.hash = {hash} and t.revoked_at is null and (t.expires_at is null or t.expires_at > {now})
                  and (t.user_id is null or u.active)
                  and (t.user_id is not null or t.project_id is not null or not {settings.Sessions.AdminTokenEnds} or not exists (
                    select 1 from users a where a.active and a.platform_role = 'admin'
                      and (a.password_hash is not null or exists (select 1 from identities i where i.user_id = a.id))))
            ),
            used as (
                update access_tokens set last_used_at = {now} from found
                where access_tokens.id = found.id and (found.last_used_at is null or found.last_used_at < {now} - interval '1 minute')
            )
            select id, name, user_id, project_id, scope, expires_at, login, platform_role from found
            """,
            Read,
            cancel
        );
        return found.Count == 0 ? null : found[0];
    }

    private static Caller Read(NpgsqlDataReader reader)
    {
        var user = reader.ValueOrDefault<Guid?>(2);
        var project = reader.ValueOrDefault<Guid?>(3);

        // The first admin token belongs to no user and no project.
        var isAdmin = user is null
            ? project is null
            : SnakeCaseEnumConverter<PlatformRole>.Parse(reader.GetString(7)) == PlatformRole.Admin;
        var name =
            user is not null ? reader.GetString(6)
            : project is null ? reader.GetString(1)
            : $"service:{reader.GetString(1)}";
        return new Caller(name, Caller.ByToken, isAdmin)
        {
            UserId = user,
            CredentialId = reader.GetGuid(0),
            RestrictedToProjectId = project,
            ExpiresAt = reader.ValueOrDefault<DateTimeOffset?>(5),
            Scope = SnakeCaseEnumConverter<TokenScope>.Parse(reader.GetString(4)),
        };
    }
}
