using System.Text.RegularExpressions;
using Wombat.Domain.Common;

namespace Wombat.Domain.Plugins;

/// <summary>The plugin instances of this process by name. Created once, at the start.</summary>
public sealed partial class PluginRegistry
{
    private readonly Dictionary<string, PluginInstance> instances = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, IPlugin> defaults = [];

    /// <exception cref="PluginConfigurationException">Two instances have the same name, a name is not valid, or a resource kind has no
    /// clear default.</exception>
    public PluginRegistry(IEnumerable<PluginInstance> instances)
    {
        foreach (var instance in instances)
        {
            if (!IsName(instance.Name))
            {
                throw new PluginConfigurationException(
                    $"plugins.{instance.Name}: the name must consist of a-z, 0-9 and -, beginning with a letter"
                );
            }

            if (!this.instances.TryAdd(instance.Name, instance))
            {
                throw new PluginConfigurationException($"plugins.{instance.Name}: there are two plugin instances of this name");
            }
        }

        foreach (var kind in Instances.SelectMany(Provisioners).Distinct())
        {
            defaults[kind] = Default([.. Instances.Where(i => kind.IsInstanceOfType(i.Plugin))]);
        }
    }

    public IReadOnlyCollection<PluginInstance> Instances => instances.Values;

    public IEnumerable<IPlugin> All => instances.Values.Select(i => i.Plugin);

    public static bool IsName(string name) => NameRegex().IsMatch(name);

    /// <exception cref="ExternalSystemException">No plugin with this name is configured.</exception>
    public IPlugin Get(string name) =>
        Find(name) ?? throw new ExternalSystemException(ExternalFailure.Unavailable, $"The plugin '{name}' is not configured.");

    /// <summary>Returns null if no plugin of that name is configured here.</summary>
    public IPlugin? Find(string name) => instances.GetValueOrDefault(name)?.Plugin;

    /// <summary>The default instance for resources with this spec.</summary>
    /// <exception cref="ExternalSystemException">No plugin for them is configured here.</exception>
    public IProvisioner<TSpec> DefaultFor<TSpec>(string kind) =>
        defaults.TryGetValue(typeof(IProvisioner<TSpec>), out var plugin)
            ? (IProvisioner<TSpec>)plugin
            : throw new ExternalSystemException(
                ExternalFailure.Unavailable,
                $"No plugin for the resource kind {kind} is configured in this Wombat."
            );

    public async Task InitializeAsync(CancellationToken cancel)
    {
        foreach (var plugin in All)
        {
            await plugin.InitializeAsync(cancel);
        }
    }

    private static IEnumerable<Type> Provisioners(PluginInstance instance) =>
        instance.Plugin.GetType().GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IProvisioner<>));

    private static IPlugin Default(IReadOnlyList<PluginInstance> candidates)
    {
        var marked = candidates.Where(c => c.IsDefault).ToList();
        if (marked.Count > 1)
        {
            throw new PluginConfigurationException(
                $"plugins.{marked[1].Name}.default: plugins.{marked[0].Name} is already the default for the same resources"
            );
        }

        // Without a marked instance, the default is the instance that is named after its type.
        var chosen =
            marked.Count == 1 ? marked[0]
            : candidates.Count == 1 ? candidates[0]
            : candidates.FirstOrDefault(c => c.Name == c.Type);
        return chosen?.Plugin
            ?? throw new PluginConfigurationException(
                $"plugins.{candidates[0].Name}.default: set it to true for one of "
                    + $"{string.Join(", ", candidates.Select(c => c.Name))}; they all provision the same resources"
            );
    }

    [GeneratedRegex(@"^[a-z][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NameRegex();
}
