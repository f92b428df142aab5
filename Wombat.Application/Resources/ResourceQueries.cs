using Microsoft.EntityFrameworkCore;
using Wombat.Domain.Common;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Reads that several use cases of resources share.</summary>
internal static class ResourceQueries
{
    /// <param name="project">Null for a resource of any project.</param>
    /// <exception cref="NotFoundException">The project has no such resource.</exception>
    public static async Task<TResource> FindInProjectAsync<TResource>(
        this IQueryable<TResource> resources,
        ResourceKind kind,
        Guid? project,
        Guid id,
        CancellationToken cancel
    )
        where TResource : Resource =>
        await resources.SingleOrDefaultAsync(r => r.Id == id && (project == null || r.ProjectId == project), cancel)
        ?? throw new NotFoundException(kind.Name);

    /// <summary>The resources of the project that are not deleted.</summary>
    public static IQueryable<TResource> LivingIn<TResource>(this IQueryable<TResource> resources, Guid project)
        where TResource : Resource => resources.Where(r => r.ProjectId == project && r.Status != ResourceStatus.Deleted);
}
