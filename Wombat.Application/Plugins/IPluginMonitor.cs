using Wombat.Domain.Plugins;

namespace Wombat.Application.Plugins;

/// <summary>What the plugins last said of themselves, looked at in the background so that no request waits for them.</summary>
public interface IPluginMonitor
{
    /// <summary>The last look at every plugin.</summary>
    IReadOnlyList<PluginReport> Reports { get; }

    /// <summary>Templates as last known, or null where the plugin has never answered or has none to offer.</summary>
    Task<IReadOnlyList<PluginTemplate>?> TemplatesAsync(string plugin, CancellationToken cancel);
}

/// <param name="CheckedAt">When <paramref name="Health"/> was learned; null before the first look.</param>
/// <param name="Latency">How long the look took.</param>
public sealed record PluginReport(
    IPlugin Plugin,
    PluginHealth? Health,
    DateTimeOffset? CheckedAt,
    TimeSpan Latency,
    IReadOnlyList<PluginTemplate>? Templates
)
{
    /// <summary>The health for people. What the plugin itself says may name paths and others' containers: it is for admins.</summary>
    public string HealthMessage(bool isForAdmins) =>
        Health is null ? "not checked yet"
        : isForAdmins ? Health.Message
        : Health.Healthy ? "The plugin is healthy."
        : "The plugin is unhealthy; an admin can see why.";
}
