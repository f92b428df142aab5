using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Resources;

/// <summary>The caller's access to a resource that a message names without its project: that to the project.</summary>
internal sealed class ResourceAccessService(IWombatDbContext db, ProjectAccessService projectAccess)
{
    /// <summary>
    /// Without access also when there is no such resource, so that a caller cannot tell an unknown id from one that is hidden.
    /// </summary>
    public async Task<ProjectAccess> GetAsync(Guid resource, CancellationToken cancel) =>
        await db.Resources.AsNoTracking().Where(r => r.Id == resource).Select(r => (Guid?)r.ProjectId).SingleOrDefaultAsync(cancel)
            is { } project
            ? await projectAccess.GetAsync(project)
            : default;
}
