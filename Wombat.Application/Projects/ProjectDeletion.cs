using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Application.Tokens;
using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

/// <summary>Deletes an empty project with its members and tokens.</summary>
internal sealed class ProjectDeletion(IWombatDbContext db, TokenRevocation revocation, TimeProvider clock)
{
    /// <summary>Runs in the caller's transaction; the caller saves.</summary>
    /// <returns>The former members, for the event.</returns>
    public async Task<EndedProject> CompleteAsync(Project project, CancellationToken cancel)
    {
        project.Delete(clock.GetUtcNow());
        var members = await db
            .Members.Where(m => m.ProjectId == project.Id)
            .Join(db.Users, m => m.UserId, u => u.Id, (m, u) => new { Member = m, u.Login })
            .ToListAsync(cancel);
        db.Members.RemoveRange(members.Select(m => m.Member));
        db.Commands.RemoveRange(await db.Commands.Where(c => c.ProjectId == project.Id).ToListAsync(cancel));
        db.Workspaces.RemoveRange(await db.Workspaces.Where(w => w.ProjectId == project.Id).ToListAsync(cancel));
        db.SshHosts.RemoveRange(await db.SshHosts.Where(h => h.ProjectId == project.Id).ToListAsync(cancel));
        var tokens = await revocation.RevokeAsync(
            await db.AccessTokens.Where(t => t.ProjectId == project.Id && t.RevokedAt == null).Select(t => t.Id).ToListAsync(cancel),
            cancel
        );
        return new EndedProject(
            project.UnixName,
            project.Visibility,
            [.. members.Select(m => new EndedMember(m.Member.UserId, m.Login, m.Member.Role))],
            [.. tokens.Select(t => new EndedToken(t.Id, t.Name))]
        );
    }
}
