using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Http;
using Wombat.Application.Containers;
using Wombat.Application.Resources;
using Wombat.Domain.Resources;

namespace Wombat.Api.Endpoints;

/// <summary>The filters of lists of containers.</summary>
internal readonly record struct ContainerQuery(
    [FromQuery(Name = "status")] string[]? Status,
    [FromQuery(Name = "template")] string? Template,
    [FromQuery(Name = "q")] string? Q,
    [FromQuery(Name = "include_deleted")] bool? IncludeDeleted
)
{
    internal ResourceFilter ToFilter(Guid? project) =>
        new(
            project,
            EnumQuery.ParseList<ResourceStatus>("status", Status),
            Q,
            new Dictionary<string, string?>(StringComparer.Ordinal) { [ContainerKind.TemplateFilter] = Template },
            IncludeDeleted ?? false
        );
}
