using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

/// <summary>The end of a project that holds nothing any more: its members and every token for it go too. The caller saves.</summary>
internal static class ProjectEnd
{
    public static async Task EndAsync(this IWombatDbContext db, Project project, DateTimeOffset now, CancellationToken cancel)
    {
        project.Delete(now);
        db.Members.RemoveRange(await db.Members.Where(m => m.ProjectId == project.Id).ToListAsync(cancel));
        foreach (var token in await db.AccessTokens.Where(t => t.ProjectId == project.Id && t.RevokedAt == null).ToListAsync(cancel))
        {
            token.Revoke(now);
        }
    }
}
