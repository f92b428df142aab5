using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wombat.Application.Plugins;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Plugins;

/// <summary>Looks at every plugin by and by, each on its own, so that a hanging one hides no other.</summary>
public sealed class PluginMonitor : BackgroundService, IPluginMonitor
{
    private readonly PluginRegistry registry;
    private readonly WombatSettings settings;
    private readonly TimeProvider clock;
    private readonly ILogger<PluginMonitor> log;
    private readonly ConcurrentDictionary<string, PluginReport> reports = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim firstLook = new(1);
    private readonly Meter meter = new("Wombat.Plugins");

    public PluginMonitor(PluginRegistry registry, WombatSettings settings, TimeProvider clock, ILogger<PluginMonitor> log)
    {
        (this.registry, this.settings, this.clock, this.log) = (registry, settings, clock, log);
        meter.CreateObservableGauge(
            "wombat_plugin_healthy",
            () => reports.Values.Where(r => r.Health is not null).Select(r => new Measurement<double>(r.Health!.Healthy ? 1 : 0, Tag(r))),
            description: "1 when the last look found the plugin healthy."
        );
        meter.CreateObservableGauge(
            "wombat_plugin_health_seconds",
            () => reports.Values.Select(r => new Measurement<double>(r.Latency.TotalSeconds, Tag(r))),
            description: "How long the last look at the plugin took."
        );
    }

    public IReadOnlyList<PluginReport> Reports =>
        [.. registry.All.Select(p => reports.GetValueOrDefault(p.Name) ?? new PluginReport(p, null, null, TimeSpan.Zero, null))];

    public async Task<IReadOnlyList<PluginTemplate>?> TemplatesAsync(string plugin, CancellationToken cancel)
    {
        var report = reports.GetValueOrDefault(plugin);
        if (report is not null || registry.Get(plugin) is not IOffersTemplates)
        {
            return report?.Templates;
        }

        // However many ask before the first look is done, it is one look.
        await firstLook.WaitAsync(cancel);
        try
        {
            return (reports.GetValueOrDefault(plugin) ?? await LookAsync(registry.Get(plugin), cancel)).Templates;
        }
        finally
        {
            firstLook.Release();
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(registry.All.Select(p => WatchAsync(p, stoppingToken)));

    private async Task WatchAsync(IPlugin plugin, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await LookAsync(plugin, stop);
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                log.LogWarning("The plugin {Plugin} cannot be looked at: {Error}", plugin.Name, e.Message);
            }
            catch (Exception)
            {
                return;
            }

            await Task.Delay(settings.PluginHealthInterval, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<PluginReport> LookAsync(IPlugin plugin, CancellationToken cancel)
    {
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
            catch (PluginException e)
            {
                log.LogWarning("The templates of {Plugin} cannot be read: {Error}", plugin.Name, e.Message);
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

        return reports[plugin.Name] = new PluginReport(plugin, health, clock.GetUtcNow(), latency, templates);
    }

    // A plugin that breaks is as good as one that is down; what it said before would stand for ever.
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

    private static KeyValuePair<string, object?> Tag(PluginReport report) => new("plugin", report.Plugin.Name);

    public override void Dispose()
    {
        meter.Dispose();
        firstLook.Dispose();
        base.Dispose();
    }
}
