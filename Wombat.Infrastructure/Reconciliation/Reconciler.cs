using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Hosts;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>
/// Keeps the recorded state of resources true: it observes, records changes made outside Wombat, and changes nothing there.
/// One replica reconciles each plugin instance, except host-bound ones: each host reconciles its own resources. The instances run
/// side by side, each at its own interval. Resources that a job is working on are left to the job.
/// </summary>
internal sealed class Reconciler(
    LeaderElection leaderElection,
    BackgroundLoop loop,
    PluginRegistry plugins,
    ContainerKeyReconciler keys,
    IServiceProvider services,
    LostHosts lostHosts,
    WombatSettings settings,
    TimeProvider clock
) : BackgroundService
{
    private readonly List<PluginReconciler> reconcilers =
    [
        .. plugins.Instances.Select(i => ActivatorUtilities.CreateInstance<PluginReconciler>(services, i)),
    ];

    private readonly List<OrphanFinder> finders =
    [
        .. plugins.Instances.Select(i => ActivatorUtilities.CreateInstance<OrphanFinder>(services, i)).Where(f => f.CanSearch),
    ];

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            settings.Roles.HasFlag(Roles.Reconciler)
                ? leaderElection.RunAsync("reconciler", AdvisoryLock.Reconciler, LeadAsync, stoppingToken)
                : Task.CompletedTask,
            settings.Roles.HasFlag(Roles.Worker) ? ReconcileHereAsync(stoppingToken) : Task.CompletedTask
        );

    private async Task LeadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var loops = reconcilers
            .Where(r => !r.Instance.Plugin.IsHostBound)
            .Select(r => RepeatAsync(r, stop.Token))
            .Concat(finders.Where(f => !f.Instance.Plugin.IsHostBound).Select(f => RepeatAsync(f, stop.Token)))
            .Append(loop.RunAsync(new LoopOptions("comparison of SSH keys", keys.Interval), keys.RunAsync, stop.Token))
            .ToList();
        try
        {
            await WatchHostsAsync(connection, cancel);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(loops);
        }
    }

    // Ends, and the lead with it, when the connection that holds the lock is lost.
    private async Task WatchHostsAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var (since, checkedAt) = (clock.GetTimestamp(), clock.GetTimestamp());
        while (true)
        {
            await LeaderElection.EnsureLeadsAsync(connection, cancel);

            // After a pause of this process or of the database, the other hosts get time to report their presence.
            var paused = clock.GetElapsedTime(checkedAt) > settings.ReconcileInterval + (settings.HostTimeout / 2);
            since = paused ? clock.GetTimestamp() : since;
            if (clock.GetElapsedTime(since) > settings.HostTimeout)
            {
                await lostHosts.MarkAsync(cancel);
            }

            checkedAt = clock.GetTimestamp();
            await Task.Delay(settings.ReconcileInterval, clock, cancel);
        }
    }

    private Task ReconcileHereAsync(CancellationToken stop) =>
        Task.WhenAll([
            .. reconcilers.Where(r => r.Instance.Plugin.IsHostBound).Select(r => RepeatAsync(r, stop)),
            .. finders.Where(f => f.Instance.Plugin.IsHostBound).Select(f => RepeatAsync(f, stop)),
        ]);

    private Task RepeatAsync(OrphanFinder finder, CancellationToken stop) =>
        loop.RunAsync(new LoopOptions($"search for orphans of plugin {finder.Instance.Name}", finder.Interval), finder.RunAsync, stop);

    private Task RepeatAsync(PluginReconciler reconciler, CancellationToken stop) =>
        loop.RunAsync(
            new LoopOptions($"reconciliation of plugin {reconciler.Instance.Name}", reconciler.Instance.ReconcileInterval)
            {
                WakeUp = reconciler.Instance.Plugin is IWatchesResources plugin ? () => new PluginChanges(plugin, clock) : null,
            },
            reconciler.RunAsync,
            stop
        );
}
