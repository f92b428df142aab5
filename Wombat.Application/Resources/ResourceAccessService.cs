using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Resources;

/// <summary>The caller's access to a resource that a message names without its project: that to the project.</summary>
internal sealed class ResourceAccessService(IWombatDbContext db, ProjectAccessService projectAccess)
{
    /// <returns>Null when there is no such resource: the handler says so in the terms of its kind.</returns>
    /// <exception cref="NotFoundException">The caller may not see the project of the resource.</exception>
    public async Task<ProjectAccess?> GetAsync(Guid resource, CancellationToken cancel)
    {
        var found = await db
            .Resources.AsNoTracking()
            .Where(r => r.Id == resource)
            .Select(r => new { r.ProjectId, r.Kind })
            .SingleOrDefaultAsync(cancel);
        if (found is null)
        {
            return null;
        }

        var access = await projectAccess.GetAsync(found.ProjectId);
        return access.IsVisible ? access : throw new NotFoundException(found.Kind, hidden: true);
    }
}
