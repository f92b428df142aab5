using System.Reflection;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>The resource kinds of this process.</summary>
public sealed class ResourceKinds
{
    private readonly Dictionary<string, ResourceKind> byName;

    private ResourceKinds(IEnumerable<ResourceKind> kinds) => byName = kinds.ToDictionary(k => k.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<ResourceKind> All => byName.Values;

    /// <summary>One instance of every class in these assemblies that describes a kind.</summary>
    /// <exception cref="ArgumentException">Two kinds have the same name.</exception>
    public static ResourceKinds In(IEnumerable<Assembly> assemblies) =>
        new(
            assemblies
                .SelectMany(a => a.GetTypes())
                .Where(t => !t.IsAbstract && typeof(ResourceKind).IsAssignableFrom(t))
                .Select(t => (ResourceKind)Activator.CreateInstance(t)!)
                .OrderBy(k => k.Name, StringComparer.Ordinal)
        );

    /// <exception cref="KeyNotFoundException">This version does not know the kind.</exception>
    public ResourceKind Of(Resource resource) => byName[resource.Kind];

    /// <summary>The kind that has the shared message.</summary>
    public ResourceKind OfMessage(Type message) => All.Single(k => k.Messages.Any(m => m.Key == message));

    /// <summary>The kinds that a plugin provisions.</summary>
    public IEnumerable<ResourceKind> ProvidedBy(IPlugin plugin) => All.Where(k => k.IsProvidedBy(plugin));
}
