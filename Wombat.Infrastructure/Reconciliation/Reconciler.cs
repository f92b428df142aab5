using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
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
    TimeProvider clock,
    ILogger<Reconciler> log
) : BackgroundService
{
    private readonly List<PluginReconciler> reconcilers =
    [
        .. plugins.Instances.Select(i => ActivatorUtilities.CreateInstance<PluginReconciler>(services, i)),
    ];

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            settings.Roles.HasFlag(Roles.Reconciler)
                ? leaderElection.RunAsync("reconciler", AdvisoryLock.Reconciler, LeadAsync, stoppingToken)
                : Task.CompletedTask,
            settings.Roles.HasFlag(Roles.Worker) ? ReconcileHereAsync(stoppingToken) : Task.CompletedTask
        );

    // If one loop fails, all end: without the database or the lock, none may continue.
    private async Task LeadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var loops = reconcilers
            .Where(r => !r.Instance.Plugin.IsHostBound)
            .Select(r => RepeatAsync(r.Instance.ReconcileInterval, token => RunAsync(r, token), stop.Token))
            .Append(RepeatAsync(keys.Interval, keys.RunAsync, stop.Token))
            .Append(WatchHostsAsync(connection, stop.Token))
            .ToList();
        var first = await Task.WhenAny(loops);
        await stop.CancelAsync();
        await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    private async Task WatchHostsAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var (since, checkedAt) = (clock.GetTimestamp(), clock.GetTimestamp());
        await RepeatAsync(
            settings.ReconcileInterval,
            async token =>
            {
                await LeaderElection.EnsureLeadsAsync(connection, token);

                // After a pause of this process or of the database, the other hosts get time to report their presence.
                var paused = clock.GetElapsedTime(checkedAt) > settings.ReconcileInterval + (settings.HostTimeout / 2);
                since = paused ? clock.GetTimestamp() : since;
                if (clock.GetElapsedTime(since) > settings.HostTimeout)
                {
                    await lostHosts.MarkAsync(token);
                }

                checkedAt = clock.GetTimestamp();
            },
            cancel
        );
    }

    private Task ReconcileHereAsync(CancellationToken stop) =>
        Task.WhenAll(
            reconcilers
                .Where(r => r.Instance.Plugin.IsHostBound)
                .Select(r =>
                    loop.RunAsync(
                        new LoopOptions($"reconciliation of plugin {r.Instance.Name} on this host", r.Instance.ReconcileInterval),
                        token => RunAsync(r, token),
                        stop
                    )
                )
        );

    // A defect of one plugin must not stop the others; an unavailable database ends the leadership, or is reported by the loop.
    private async Task RunAsync(PluginReconciler reconciler, CancellationToken cancel)
    {
        try
        {
            await reconciler.RunAsync(cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && !DatabaseErrors.IsUnavailable(e))
        {
            log.LogError(e, "The resources of plugin {Plugin} could not be reconciled", reconciler.Instance.Name);
        }
    }

    private async Task RepeatAsync(TimeSpan interval, Func<CancellationToken, Task> run, CancellationToken cancel)
    {
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                await run(cancel);
                await Task.Delay(interval, clock, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Stopped, or another loop of the leader failed.
        }
    }
}
