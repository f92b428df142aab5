using System.Reflection;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Configuration;

/// <summary>A plugin instance as configured.</summary>
/// <param name="Create">Creates the plugin.</param>
public sealed record PluginSettings(
    string Instance,
    string Type,
    TimeSpan ReconcileInterval,
    bool IsDefault,
    Func<IServiceProvider, IPlugin> Create
)
{
    /// <summary>
    /// The enabled instances: those with <c>plugins.INSTANCE.type</c>, and the default instances of types that have one. Wrong
    /// settings are reported to the reader.
    /// </summary>
    public static IReadOnlyList<PluginSettings> ReadAll(
        SettingsReader reader,
        IReadOnlyDictionary<string, string> environment,
        string dataDirectory,
        TimeSpan reconcileInterval,
        IEnumerable<Assembly> assemblies
    )
    {
        var types = assemblies
            .SelectMany(a => a.GetTypes())
            .Where(t => !t.IsAbstract && typeof(PluginType).IsAssignableFrom(t))
            .Select(t => (PluginType)Activator.CreateInstance(t)!)
            .ToDictionary(t => t.Name, StringComparer.Ordinal);
        var instances = reader
            .InstancesOf("plugins", "type")
            .Union(types.Values.Where(t => t.HasDefaultInstance).Select(t => t.Name), StringComparer.Ordinal);
        var settings = new List<PluginSettings>();
        foreach (var instance in instances.Order(StringComparer.Ordinal))
        {
            var section = new PluginSection(reader, instance, environment, dataDirectory);
            if (reader.Collect(section.NameOf(""), () => Read(section, types, reconcileInterval)) is { } read)
            {
                settings.Add(read);
            }
        }

        return settings;
    }

    private static PluginSettings? Read(PluginSection section, Dictionary<string, PluginType> types, TimeSpan reconcileInterval)
    {
        var name = section.Text("type") ?? section.Instance;
        if (!section.Flag("enabled", defaultValue: true))
        {
            // Its other settings may stay in the file.
            section.Skip();
            return null;
        }

        if (!types.TryGetValue(name, out var type))
        {
            var known = string.Join(", ", types.Keys.Order(StringComparer.Ordinal));
            throw section.Wrong("type", $"must be one of {known}, not '{name}'");
        }

        if (!PluginRegistry.IsName(section.Instance))
        {
            throw section.Wrong("type", "the name of the instance must consist of a-z, 0-9 and -, beginning with a letter");
        }

        return new PluginSettings(
            section.Instance,
            name,
            section.Seconds("reconcile_interval_seconds", reconcileInterval.TotalSeconds, 0.1, 3600),
            section.Flag("default", defaultValue: false),
            type.Configure(section)
        );
    }
}
