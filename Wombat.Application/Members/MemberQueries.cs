using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Members;
using Wombat.Domain.Users;

namespace Wombat.Application.Members;

/// <summary>
/// Queries for changes of members. Such changes wait for each other at the row of the project, so that two managers cannot remove one
/// another at once.
/// </summary>
internal static class MemberQueries
{
    /// <summary>The member and the user, with the project's row locked until the transaction ends.</summary>
    /// <exception cref="NotFoundException">The user is not a member.</exception>
    public static async Task<(Member Member, User User)> LockMemberAsync(
        this IWombatDbContext db,
        Guid project,
        Guid userId,
        CancellationToken cancel
    )
    {
        await db.LockProjectAsync(project, exclusive: true, cancel);
        var member =
            await db.Members.SingleOrDefaultAsync(m => m.ProjectId == project && m.UserId == userId, cancel)
            ?? throw new NotFoundException("member");
        return (member, await db.Users.AsNoTracking().SingleAsync(u => u.Id == userId, cancel));
    }

    /// <exception cref="ConflictException">The member is the last active manager of the project.</exception>
    public static async Task EnsureNotLastManagerAsync(this IWombatDbContext db, Member member, CancellationToken cancel)
    {
        if (
            member.Role == ProjectRole.ProjectManager
            && !await db.Members.AnyAsync(
                m =>
                    m.ProjectId == member.ProjectId
                    && m.UserId != member.UserId
                    && m.Role == ProjectRole.ProjectManager
                    && db.Users.Any(u => u.Id == m.UserId && u.Active),
                cancel
            )
        )
        {
            throw new ConflictException(
                ErrorCode.LastManager,
                "A project needs at least one active manager. Make another member a manager first."
            );
        }
    }
}
