namespace Wombat.Domain.Plugins;

/// <summary>All resources of a plugin at one time, and the rule by which a resource is identified in it.</summary>
public sealed class ResourceListing
{
    private readonly ILookup<string, ListedResource> byId;
    private readonly ILookup<string, ListedResource> byKey;
    private readonly ILookup<string, ListedResource> unreadable;

    public ResourceListing(IReadOnlyCollection<ListedResource> all)
    {
        All = all;
        byId = all.ToLookup(r => r.Observation.ExternalId ?? "", StringComparer.Ordinal);
        byKey = all.Where(r => r.ExternalKey is not null).ToLookup(r => r.ExternalKey!, StringComparer.Ordinal);
        unreadable = all.Where(r => r.ExternalKey is null && r.ExternalName is not null)
            .ToLookup(r => r.ExternalName!, StringComparer.Ordinal);
    }

    public IReadOnlyCollection<ListedResource> All { get; }

    /// <summary>
    /// The state of a resource. Once its id is known, id and key must both match: something else with its key is a copy made
    /// outside Wombat. Before that, its key must be unique.
    /// </summary>
    /// <returns>Missing only when the outside system was listed without it; Unknown when that cannot be decided.</returns>
    public ResourceObservation Find(ResourceRef resource) => resource.ExternalId is { } id ? FindById(id, resource) : FindByKey(resource);

    /// <summary>The ids of others with the key of the resource.</summary>
    public IReadOnlyList<string> CopiesOf(ResourceRef resource) =>
        resource.ExternalId is null
            ? []
            : [.. byKey[resource.ExternalKey].Select(r => r.Observation.ExternalId).OfType<string>().Where(i => i != resource.ExternalId)];

    private ResourceObservation FindById(string id, ResourceRef resource)
    {
        var listed = byId[id].FirstOrDefault();
        if (listed is not null && (listed.ExternalKey is null || listed.ExternalKey == resource.ExternalKey))
        {
            return listed.Observation;
        }

        var copies = CopiesOf(resource);
        return copies.Count == 0
            ? ResourceObservation.Missing
            : ResourceObservation.Missing with
            {
                Note = $"{string.Join(", ", copies)} has the same key but was not created by Wombat; it is ignored.",
            };
    }

    private ResourceObservation FindByKey(ResourceRef resource) =>
        byKey[resource.ExternalKey].ToList() switch
        {
            [var one] => one.Observation,
            [] => unreadable[resource.ExternalName].FirstOrDefault()?.Observation ?? ResourceObservation.Missing,
            var several => ResourceObservation.Unknown(
                $"{string.Join(", ", several.Select(s => s.Observation.ExternalId))} all have its key. Wombat cannot determine which of them it created."
            ),
        };
}
