using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wombat.Application.Plugins;
using Wombat.Application.Resources;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Plugins;

/// <summary>Checks the health of every plugin at an interval, each on its own, so that one that hangs does not delay the others.</summary>
public sealed class PluginMonitor : BackgroundService, IPluginMonitor
{
    private readonly PluginRegistry registry;
    private readonly ResourceKinds kinds;
    private readonly WombatSettings settings;
    private readonly BackgroundLoop loop;
    private readonly TimeProvider clock;
    private readonly ILogger<PluginMonitor> log;
    private readonly ConcurrentDictionary<string, PluginReport> reports = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim firstCheck = new(1);
    private readonly Meter meter = new("Wombat.Plugins");

    public PluginMonitor(
        PluginRegistry registry,
        ResourceKinds kinds,
        WombatSettings settings,
        BackgroundLoop loop,
        TimeProvider clock,
        ILogger<PluginMonitor> log
    )
    {
        (this.registry, this.kinds, this.settings, this.loop, this.clock, this.log) = (registry, kinds, settings, loop, clock, log);
        meter.CreateObservableGauge(
            "wombat_plugin_healthy",
            () => reports.Values.Where(r => r.Health is not null).Select(r => new Measurement<double>(r.Health!.Healthy ? 1 : 0, Tag(r))),
            description: "1 when the last check found the plugin healthy."
        );
        meter.CreateObservableGauge(
            "wombat_plugin_health_seconds",
            () => reports.Values.Select(r => new Measurement<double>(r.Latency.TotalSeconds, Tag(r))),
            description: "How long the last check of the plugin took."
        );
    }

    public IReadOnlyList<PluginReport> Reports =>
        [
            .. registry.Instances.Select(p =>
                reports.GetValueOrDefault(p.Name) ?? new PluginReport(p, KindOf(p), null, null, TimeSpan.Zero, null)
            ),
        ];

    public async Task<IReadOnlyList<PluginTemplate>?> TemplatesAsync(string plugin, CancellationToken cancel)
    {
        var report = reports.GetValueOrDefault(plugin);
        if (report is not null || registry.Get(plugin) is not IOffersTemplates)
        {
            return report?.Templates;
        }

        // Concurrent callers share the first check.
        await firstCheck.WaitAsync(cancel);
        try
        {
            return (
                reports.GetValueOrDefault(plugin) ?? await CheckAsync(registry.Instances.First(i => i.Name == plugin), cancel)
            ).Templates;
        }
        finally
        {
            firstCheck.Release();
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            registry.Instances.Select(p =>
                loop.RunAsync(
                    new LoopOptions($"health check of plugin {p.Name}", settings.PluginHealthInterval),
                    cancel => CheckAsync(p, cancel),
                    stoppingToken
                )
            )
        );

    private async Task<PluginReport> CheckAsync(PluginInstance instance, CancellationToken cancel)
    {
        var plugin = instance.Plugin;
        var from = clock.GetTimestamp();
        var health = await AskAsync(plugin, cancel);
        var latency = clock.GetElapsedTime(from);
        var before = reports.GetValueOrDefault(plugin.Name);
        var templates = before?.Templates;
        if (health.Healthy && plugin is IOffersTemplates offers)
        {
            try
            {
                templates = await offers.TemplatesAsync(cancel);
            }
            catch (ExternalSystemException e)
            {
                log.LogWarning("Cannot read the templates of {Plugin}: {Error}", plugin.Name, e.Message);
            }
        }

        if (before?.Health?.Healthy != health.Healthy)
        {
            log.Log(
                health.Healthy ? LogLevel.Information : LogLevel.Warning,
                "The plugin {Plugin} is {State}: {Message}",
                plugin.Name,
                health.Healthy ? "healthy" : "unhealthy",
                health.Message
            );
        }

        return reports[plugin.Name] = new PluginReport(instance, KindOf(instance), health, clock.GetUtcNow(), latency, templates);
    }

    // A defective plugin counts as unhealthy; otherwise its last answer would stand forever.
    private static async Task<PluginHealth> AskAsync(IPlugin plugin, CancellationToken cancel)
    {
        try
        {
            return await plugin.HealthAsync(cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new PluginHealth(Healthy: false, e.Message);
        }
    }

    private string KindOf(PluginInstance instance) => kinds.ProvidedBy(instance.Plugin).FirstOrDefault()?.Name ?? "";

    private static KeyValuePair<string, object?> Tag(PluginReport report) => new("plugin", report.Instance.Name);

    public override void Dispose()
    {
        meter.Dispose();
        firstCheck.Dispose();
        base.Dispose();
    }
}
