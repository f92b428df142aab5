using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Wombat.Application.Access;
using Wombat.Application.Directories;
using Wombat.Domain.Access;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Notifications;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>Asks for a sync when its time has come; of all replicas only the one that leads.</summary>
public sealed class DirectorySchedule(
    LeaderElection leaderElection,
    IServiceScopeFactory scopes,
    WombatSettings settings,
    TimeProvider clock
) : BackgroundService
{
    private const long LockKey = 0x776f6d6261744c44;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        settings.Ldap?.Schedule is { } schedule
            ? leaderElection.RunAsync(
                "the directory's schedule",
                LockKey,
                async (_, cancel) =>
                {
                    while (await CronTimer.WaitAsync(schedule, clock, cancel))
                    {
                        await using var scope = scopes.CreateAsyncScope();
                        scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = Caller.System;
                        await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new SyncDirectory(DryRun: false), cancel);
                    }

                    await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancel);
                },
                stoppingToken
            )
            : Task.CompletedTask;
}
