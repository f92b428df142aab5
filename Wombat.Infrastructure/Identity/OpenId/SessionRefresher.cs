using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Application.Sessions;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>
/// Refreshes sessions at the provider when they are due. Every replica does this; a claim of one minute prevents two replicas from using
/// the same refresh token.
/// </summary>
public sealed class SessionRefresher(
    NpgsqlDataSource database,
    IServiceScopeFactory scopes,
    WombatSettings settings,
    TimeProvider clock,
    BackgroundLoop loop,
    ILogger<SessionRefresher> log
) : PeriodicService(loop, new LoopOptions("session refresh", TimeSpan.FromSeconds(1)) { WaitsFirst = true })
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        settings.Oidc is null ? Task.CompletedTask : base.ExecuteAsync(stoppingToken);

    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        foreach (var session in await ClaimAsync(cancel))
        {
            await RefreshAsync(session, cancel);
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
        catch (ExternalSystemException e)
        {
            log.LogWarning("A session was not refreshed and is retried in a minute: {Error}", e.Message);
        }
        catch (Exception e) when (!DatabaseErrors.IsUnavailable(e) && !cancel.IsCancellationRequested)
        {
            log.LogError(e, "A session could not be refreshed and is retried in a minute");
        }
    }

    private Task<List<Guid>> ClaimAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        return database.QueryAsync(
            $"""
            update sessions set refresh_at = {now} + interval '1 minute'
            where id in (select id from sessions where refresh_at <= {now} order by refresh_at limit 20 for update skip locked) returning id
            """,
            r => r.GetGuid(0),
            cancel
        );
    }
}
