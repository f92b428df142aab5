using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Users;

/// <summary>Whether an admin remains after a change. Changes are serialized by locks on the rows of the admins.</summary>
internal sealed class RemainingAdmins(IWombatDbContext db)
{
    /// <summary>Whether another active user is an admin. Runs in the caller's transaction.</summary>
    public async Task<bool> ExistBesidesAsync(Guid user, CancellationToken cancel) =>
        (await db.LockAdminsAsync(cancel)).Any(a => a.Active && a.Id != user);

    /// <summary>Whether the bootstrap admin token is valid, which is an admin without a user.</summary>
    public Task<bool> HasFirstAdminTokenAsync(CancellationToken cancel) =>
        db.AccessTokens.AnyAsync(
            t => t.Name == Caller.FirstAdmin && t.UserId == null && t.ProjectId == null && t.RevokedAt == null,
            cancel
        );
}
