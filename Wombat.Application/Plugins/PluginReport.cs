using Wombat.Domain.Plugins;

namespace Wombat.Application.Plugins;

/// <summary>The last check of a plugin instance.</summary>
/// <param name="Kind">The resource kind that it provisions.</param>
/// <param name="CheckedAt">When it was checked; null before the first check.</param>
/// <param name="Latency">How long the check took.</param>
public sealed record PluginReport(
    PluginInstance Instance,
    string Kind,
    PluginHealth? Health,
    DateTimeOffset? CheckedAt,
    TimeSpan Latency,
    IReadOnlyList<PluginTemplate>? Templates
)
{
    /// <summary>
    /// The health for people. The plugin's own message may name paths and resources of others, so that only admins see it.
    /// </summary>
    public string HealthMessage(bool isForAdmins) =>
        Health is null ? "not checked yet"
        : isForAdmins ? Health.Message
        : Health.Healthy ? "The plugin is healthy."
        : "The plugin is unhealthy; an admin can see why.";
}
