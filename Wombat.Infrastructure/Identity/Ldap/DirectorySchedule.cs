using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Wombat.Application.Access;
using Wombat.Application.Directories;
using Wombat.Domain.Access;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>Enqueues a directory sync at the times of the schedule; only the leader of all replicas does.</summary>
public sealed class DirectorySchedule(
    LeaderElection leaderElection,
    IServiceScopeFactory scopes,
    WombatSettings settings,
    TimeProvider clock
) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        settings.Ldap?.Schedule is { } schedule
            ? leaderElection.RunAsync(
                "schedule of the directory sync",
                AdvisoryLock.DirectorySchedule,
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
