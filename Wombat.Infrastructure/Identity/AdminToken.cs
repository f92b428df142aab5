using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Domain.Users;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Identity;

/// <summary>The first credential: made at the first start, readable by the operator alone, in the data directory.</summary>
public sealed class AdminToken(NpgsqlDataSource database, WombatSettings settings, TimeProvider clock, ILogger<AdminToken> log)
{
    private const string Name = Caller.FirstAdmin;

    public string Path => System.IO.Path.Combine(settings.DataDirectory, Name);

    /// <summary>Makes the token where there is none; registers the file's with a database that does not know it.</summary>
    public async Task EnsureAsync(CancellationToken cancel)
    {
        if (File.Exists(Path) && (await File.ReadAllTextAsync(Path, cancel)).Trim() is { Length: > 0 } existing)
        {
            await RegisterAsync(existing, onlyFirst: false, cancel);
            return;
        }

        var token = TokenAuthenticator.NewToken();
        if (!await RegisterAsync(token, onlyFirst: true, cancel))
        {
            log.LogInformation("This database's admin token was handed out by another start; {Path} is not written. 'make admin-token' makes a new one", Path);
            return;
        }

        SecretFile.Write(Path, token);
    }

    /// <summary>Revokes what was handed out before and writes a new token.</summary>
    public async Task RenewAsync(CancellationToken cancel)
    {
        await using (var revoke = database.CreateCommand("update access_tokens set revoked_at = $2 where name = $1 and user_id is null and project_id is null and revoked_at is null"))
        {
            revoke.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Name });
            revoke.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
            await revoke.ExecuteNonQueryAsync(cancel);
        }

        var token = TokenAuthenticator.NewToken();
        await RegisterAsync(token, onlyFirst: false, cancel);
        SecretFile.Write(Path, token);
    }

    private async Task<bool> RegisterAsync(string token, bool onlyFirst, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        await using var command = database.CreateCommand(
            """
            insert into access_tokens (id, name, hash, created_at, created_by, scope)
            select $1, $2, $3, $4, 'system', 'manage' where not $5 or not exists (select 1 from access_tokens where name = $2 and user_id is null and project_id is null and revoked_at is null)
            on conflict (hash) do nothing
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7(now) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Name });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = TokenAuthenticator.Hash(token) });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = onlyFirst });
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }
}
