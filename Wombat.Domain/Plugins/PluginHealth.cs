using Wombat.Domain.Common;

namespace Wombat.Domain.Plugins;

/// <summary>The health of a plugin.</summary>
/// <param name="Healthy">Whether work can be given to it.</param>
/// <param name="Message">What is wrong, or what it is when well.</param>
public sealed record PluginHealth(bool Healthy, string Message)
{
    public string Message { get; } = ExternalText.Clean(Message);
}
