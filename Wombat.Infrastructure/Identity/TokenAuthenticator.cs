using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Wombat.Domain.Users;

namespace Wombat.Infrastructure.Identity;

/// <summary>Recognizes bearer tokens. Only their SHA-256 is stored; they are 256 random bits, so nothing slower is needed.</summary>
public sealed class TokenAuthenticator(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>Begins every token, so that scanners of leaked secrets know it.</summary>
    public const string Prefix = "wombat_";

    private const int MaxCached = 10_000;

    // A revocation is seen by every replica within this time: an older answer is asked for again.
    private static readonly TimeSpan Trust = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, (Caller? Caller, long At)> cache = new(StringComparer.Ordinal);

    public ValueTask<Caller?> AuthenticateAsync(string token, CancellationToken cancel)
    {
        if (token.Length > 200 || !token.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return ValueTask.FromResult<Caller?>(null);
        }

        return cache.TryGetValue(token, out var known) && clock.GetElapsedTime(known.At) < Trust
            ? ValueTask.FromResult(known.Caller)
            : LookUpAsync(token, cancel);
    }

    /// <summary>A new token; the caller stores <see cref="Hash"/> of it.</summary>
    public static string NewToken() => Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private async ValueTask<Caller?> LookUpAsync(string token, CancellationToken cancel)
    {
        var asked = clock.GetTimestamp();
        await using var command = database.CreateCommand("select name from access_tokens where hash = $1 and revoked_at is null");
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Hash(token) });
        var caller = await command.ExecuteScalarAsync(cancel) is string name ? new Caller(name, "token", IsAdmin: true) : null;
        if (caller is null)
        {
            // Not kept: guesses must not fill the memory.
            cache.TryRemove(token, out _);
            return null;
        }

        if (cache.Count >= MaxCached)
        {
            cache.Clear();
        }

        cache[token] = (caller, asked);
        return caller;
    }
}
