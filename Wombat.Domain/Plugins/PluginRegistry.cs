using System.Text.RegularExpressions;

namespace Wombat.Domain.Plugins;

/// <summary>The plugins of this process by name. Made once, at the start.</summary>
public sealed partial class PluginRegistry
{
    private readonly Dictionary<string, IPlugin> plugins = new(StringComparer.Ordinal);

    /// <exception cref="PluginConfigurationException">Two bear one name, or a name is not usable.</exception>
    public PluginRegistry(IEnumerable<IPlugin> plugins)
    {
        foreach (var plugin in plugins)
        {
            if (!NameRegex().IsMatch(plugin.Name))
            {
                throw new PluginConfigurationException($"Plugins: the name '{plugin.Name}' is not of the form a-z, 0-9, -.");
            }

            if (!this.plugins.TryAdd(plugin.Name, plugin))
            {
                throw new PluginConfigurationException($"Plugins: two plugins bear the name '{plugin.Name}'.");
            }
        }
    }

    public IReadOnlyCollection<IPlugin> All => plugins.Values;

    /// <exception cref="PluginException">No plugin of that name is configured here.</exception>
    public IPlugin Get(string name) =>
        plugins.TryGetValue(name, out var plugin)
            ? plugin
            : throw new PluginException(PluginFailure.Unavailable, $"The plugin '{name}' is not configured in this Wombat.");

    /// <summary>The plugin that makes resources of <paramref name="kind"/>: the first registered.</summary>
    public IPlugin ForKind(string kind) =>
        plugins.Values.FirstOrDefault(p => p.Kind == kind)
        ?? throw new PluginException(PluginFailure.Unavailable, $"No plugin that makes a {kind} is configured in this Wombat.");

    public async Task InitializeAsync(CancellationToken cancel)
    {
        foreach (var plugin in plugins.Values)
        {
            await plugin.InitializeAsync(cancel);
        }
    }

    [GeneratedRegex(@"^[a-z][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NameRegex();
}
