using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Tokens;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Tokens;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Identity;

/// <summary>The first credential. It is created at the first start in the data directory; only the operator can read it.</summary>
public sealed class AdminToken(NpgsqlDataSource database, IServiceScopeFactory scopes, WombatSettings settings, TimeProvider clock)
{
    public string Path => System.IO.Path.Combine(settings.DataDirectory, Caller.FirstAdmin);

    /// <summary>Where the operator finds the token, or how to get one; set by <see cref="EnsureAsync"/>.</summary>
    public string LocationMessage { get; private set; } = "";

    /// <summary>Whether no admin could sign in at the start; set by <see cref="EnsureAsync"/>.</summary>
    public bool IsNeeded { get; private set; }

    /// <summary>The token from its file; null if it is not valid or is kept elsewhere.</summary>
    public async Task<string?> ReadAsync(CancellationToken cancel) =>
        LocationMessage == Path ? (await File.ReadAllTextAsync(Path, cancel)).Trim() : null;

    /// <summary>
    /// Creates the token if there is none; registers the token of the file if the database does not know it. Not safe for concurrent
    /// processes.
    /// </summary>
    public async Task EnsureAsync(CancellationToken cancel)
    {
        IsNeeded = !await ExistsAsync(
            $"""
            select exists (
                select 1 from users u where u.active and u.platform_role = 'admin'
                  and (u.password_hash is not null or exists (select 1 from identities i where i.user_id = u.id)))
            """,
            cancel
        );
        if (File.Exists(Path) && (await File.ReadAllTextAsync(Path, cancel)).Trim() is { Length: > 0 } existing)
        {
            var hash = TokenAuthenticator.Hash(existing);
            if (!await ExistsAsync($"select exists (select 1 from access_tokens where hash = {hash})", cancel))
            {
                await RegisterAsync(existing, revokeOthers: false, cancel);
            }

            LocationMessage = await ExistsAsync(
                $"select exists (select 1 from access_tokens where hash = {hash} and revoked_at is null)",
                cancel
            )
                ? Path
                : $"revoked; 'make admin-token' writes a new one to {Path}";
            return;
        }

        if (
            await ExistsAsync(
                $"""
                select exists (
                    select 1 from access_tokens
                    where name = {Caller.FirstAdmin} and user_id is null and project_id is null and revoked_at is null)
                """,
                cancel
            )
        )
        {
            LocationMessage =
                "in the data directory of the first Wombat that started on this database; 'make admin-token' revokes it "
                + $"and writes a new one to {Path}";
            return;
        }

        // The file is written first: if the process is killed here, the next start registers the token of the file.
        var token = TokenAuthenticator.NewToken();
        SecretFile.Write(Path, token);
        await RegisterAsync(token, revokeOthers: false, cancel);
        LocationMessage = Path;
    }

    /// <summary>Revokes earlier admin tokens and writes a new one.</summary>
    public async Task RenewAsync(CancellationToken cancel)
    {
        var token = TokenAuthenticator.NewToken();
        await RegisterAsync(token, revokeOthers: true, cancel);
        SecretFile.Write(Path, token);
    }

    // Plain SQL: building the EF Core model here would delay every start.
    private Task<bool> ExistsAsync(SqlText condition, CancellationToken cancel) => database.ScalarAsync<bool>(condition, cancel);

    private async Task RegisterAsync(string secret, bool revokeOthers, CancellationToken cancel)
    {
        const string Target = "platform";
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = Caller.System;
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var auditLog = scope.ServiceProvider.GetRequiredService<AuditLog>();
        var now = clock.GetUtcNow();
        var others = db.AccessTokens.Where(t =>
            t.Name == Caller.FirstAdmin && t.UserId == null && t.ProjectId == null && t.RevokedAt == null
        );
        await db.InTransactionAsync(
            async transaction =>
            {
                if (revokeOthers)
                {
                    var ids = await others.Select(t => t.Id).ToListAsync(transaction);
                    await scope.ServiceProvider.GetRequiredService<TokenRevocation>().RevokeAsync(ids, transaction);
                }

                var token = AccessToken.CreateFirstAdmin(TokenAuthenticator.Hash(secret), now);
                db.AccessTokens.Add(token);
                auditLog.Record(EventAction.TokenCreated, Target, Guid.Empty, projectId: null, after: TokenDto.From(token));
                return await db.SaveChangesAsync(transaction);
            },
            cancel
        );
    }
}
