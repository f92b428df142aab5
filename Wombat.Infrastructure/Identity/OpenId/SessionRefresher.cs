using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Application.Sessions;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>Asks the provider again about sessions whose time has come. Every replica looks; a claim of a minute keeps them from asking twice with one refresh token.</summary>
public sealed class SessionRefresher(
    NpgsqlDataSource database,
    IServiceScopeFactory scopes,
    WombatSettings settings,
    TimeProvider clock,
    ILogger<SessionRefresher> log
) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (settings.Oidc is not null && !stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, clock, stoppingToken);
            try
            {
                foreach (var session in await ClaimAsync(stoppingToken))
                {
                    await RefreshAsync(session, stoppingToken);
                }
            }
            catch (Exception e) when (DatabaseErrors.IsUnavailable(e))
            {
                log.LogWarning("Sessions are not refreshed now: {Error}", e.Message);
            }
        }
    }

    private async Task RefreshAsync(Guid session, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Application.Access.RequestContext>().Caller = Domain.Access.Caller.System;
        try
        {
            await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new RefreshSession(session), cancel);
        }
        catch (UnavailableException e)
        {
            log.LogWarning("A session is not refreshed now, and again in a minute: {Error}", e.Message);
        }
        catch (Exception e) when (!DatabaseErrors.IsUnavailable(e) && !cancel.IsCancellationRequested)
        {
            log.LogError(e, "A session could not be refreshed; it is tried again in a minute");
        }
    }

    private async Task<List<Guid>> ClaimAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            """
            update sessions set refresh_at = $1 + interval '1 minute'
            where id in (select id from sessions where refresh_at <= $1 order by refresh_at limit 20 for update skip locked) returning id
            """
        );
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var sessions = new List<Guid>();
        while (await reader.ReadAsync(cancel))
        {
            sessions.Add(reader.GetGuid(0));
        }

        return sessions;
    }
}
