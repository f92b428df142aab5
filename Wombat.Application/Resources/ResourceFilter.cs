using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Which resources of a kind to list. Without statuses, deleted resources are left out.</summary>
/// <param name="IncludeDeleted">Whether deleted ones are listed, too, without statuses; for admins.</param>
/// <param name="Fields">Filters that the kind itself has, by name; null values are no filter.</param>
public sealed record ResourceFilter(
    Guid? ProjectId = null,
    IReadOnlyList<ResourceStatus>? Statuses = null,
    string? Q = null,
    IReadOnlyDictionary<string, string?>? Fields = null,
    bool IncludeDeleted = false
);
