using Wombat.Domain.Common;

namespace Wombat.Domain.Plugins;

/// <summary>The health of a plugin.</summary>
/// <param name="Healthy">Whether the plugin can accept work.</param>
/// <param name="Message">The problem, or a description if the plugin is healthy.</param>
public sealed record PluginHealth(bool Healthy, string Message)
{
    public string Message { get; } = ExternalText.Clean(Message);
}
