using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Commands;

/// <summary>The caller's access to commands, runs and workspaces: that to their project. Those of the platform are for admins.</summary>
internal sealed class CommandAccessService(IWombatDbContext db, ProjectAccessService projectAccess)
{
    /// <summary>
    /// Without access also when there is no such object, so that a caller cannot tell an unknown id from one that is hidden.
    /// </summary>
    public async Task<ProjectAccess> GetAsync(CommandNoun noun, Guid id, CancellationToken cancel) =>
        await ProjectOf(noun, id).SingleOrDefaultAsync(cancel) is { } project ? await projectAccess.GetAsync(project) : default;

    private IQueryable<Guid?> ProjectOf(CommandNoun noun, Guid id) =>
        noun switch
        {
            CommandNoun.Command => db.Commands.AsNoTracking().Where(c => c.Id == id).Select(c => c.ProjectId),
            CommandNoun.Host => db.SshHosts.AsNoTracking().Where(h => h.Id == id).Select(h => h.ProjectId),
            CommandNoun.Schedule => db.Schedules.AsNoTracking().Where(s => s.Id == id).Select(s => s.ProjectId),
            CommandNoun.Run => db.Runs.AsNoTracking().Where(r => r.Id == id).Select(r => r.ProjectId),
            _ => db.Workspaces.AsNoTracking().Where(w => w.Id == id).Select(w => w.ProjectId),
        };
}
