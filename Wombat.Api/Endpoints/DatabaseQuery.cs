using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Http;
using Wombat.Application.Databases;
using Wombat.Application.Resources;
using Wombat.Domain.Resources;

namespace Wombat.Api.Endpoints;

/// <summary>The filters of lists of databases.</summary>
internal readonly record struct DatabaseQuery(
    [FromQuery(Name = "status")] string[]? Status,
    [FromQuery(Name = "tier")] string? Tier,
    [FromQuery(Name = "plugin")] string? Plugin,
    [FromQuery(Name = "name")] string? Name,
    [FromQuery(Name = "q")] string? Q,
    [FromQuery(Name = "include_deleted")] bool? IncludeDeleted
)
{
    internal ResourceFilter ToFilter(Guid? project) =>
        new(
            project,
            EnumQuery.ParseList<ResourceStatus>("status", Status),
            Q,
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                [DatabaseKind.TierFilter] = Tier,
                [DatabaseKind.PluginFilter] = Plugin,
                [DatabaseKind.NameFilter] = Name,
            },
            IncludeDeleted ?? false
        );
}
