using Wombat.Domain.Plugins;

namespace Wombat.Application.Plugins;

/// <summary>The last known health and templates of the plugins, checked in the background so that no request waits for them.</summary>
public interface IPluginMonitor
{
    /// <summary>The last check of every plugin.</summary>
    IReadOnlyList<PluginReport> Reports { get; }

    /// <summary>The last known templates; null when the plugin has never answered or offers none.</summary>
    Task<IReadOnlyList<PluginTemplate>?> TemplatesAsync(string plugin, CancellationToken cancel);
}
