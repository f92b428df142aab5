namespace Wombat.Domain.Plugins;

/// <summary>A configured plugin.</summary>
/// <param name="Plugin">The adapter; its name is the name of the instance.</param>
/// <param name="Type">The plugin type, such as <c>proxmox</c>.</param>
/// <param name="ReconcileInterval">The time between two reconciliations of its resources.</param>
/// <param name="IsDefault">Whether it provisions what a request does not assign to an instance.</param>
public sealed record PluginInstance(IPlugin Plugin, string Type, TimeSpan ReconcileInterval, bool IsDefault = false)
{
    public string Name => Plugin.Name;
}
