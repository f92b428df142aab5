using Npgsql;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Metrics;

/// <summary>Measures the containers of this host at an interval, and keeps the samples of a day.</summary>
internal sealed class ContainerSampler(
    NpgsqlDataSource database,
    PluginRegistry plugins,
    HostIdentity here,
    WombatSettings settings,
    TimeProvider clock,
    BackgroundLoop loop
) : PeriodicService(loop, new LoopOptions("measurement of containers", settings.SampleInterval) { WaitsFirst = true })
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        foreach (var plugin in plugins.All.Where(p => p is IMeasuresContainers))
        {
            try
            {
                var used = await ((IMeasuresContainers)plugin).MeasureAsync(cancel);
                await SaveAsync(plugin.Name, used, cancel);
            }
            catch (ExternalSystemException)
            {
                // The health of the plugin says why it does not answer.
            }
        }

        await database.ExecuteAsync($"delete from container_samples where at < {clock.GetUtcNow() - Kept}", cancel);
    }

    private async Task SaveAsync(string plugin, IReadOnlyDictionary<string, ContainerUsage> used, CancellationToken cancel)
    {
        var known = used.Select(u => (Id: Resource.IdOf(u.Key), Usage: u.Value)).Where(u => u.Id is not null).ToList();
        if (known.Count == 0)
        {
            return;
        }

        Guid[] ids = [.. known.Select(k => k.Id!.Value)];
        long?[] started = [.. known.Select(k => k.Usage.Started)];
        long?[] cpu = [.. known.Select(k => k.Usage.CpuMs)];
        long?[] memory = [.. known.Select(k => k.Usage.Memory)];
        long?[] disk = [.. known.Select(k => k.Usage.Disk)];
        long?[] received = [.. known.Select(k => k.Usage.Received)];
        long?[] sent = [.. known.Select(k => k.Usage.Sent)];
        long?[] processes = [.. known.Select(k => k.Usage.Processes)];
        await database.ExecuteAsync(
            $"""
            insert into container_samples (container_id, at, started, cpu_ms, memory, disk, received, sent, processes)
            select s.id, {clock.GetUtcNow()}, s.started, s.cpu_ms, s.memory, s.disk, s.received, s.sent, s.processes
            from unnest({ids}, {started}, {cpu}, {memory}, {disk}, {received}, {sent}, {processes})
                as s(id, started, cpu_ms, memory, disk, received, sent, processes)
            join resources r on r.id = s.id and r.plugin = {plugin} and r.host_id = {here.Id} and r.status <> 'deleted'
            on conflict do nothing
            """,
            cancel
        );
    }
}
