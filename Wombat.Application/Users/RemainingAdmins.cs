using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Users;

/// <summary>Whether someone can still administer the platform after a change. Changes wait for each other on the admins' rows.</summary>
internal sealed class RemainingAdmins(IWombatDbContext db)
{
    /// <summary>Whether another active user is an admin; inside the caller's transaction.</summary>
    public async Task<bool> AreThereWithoutAsync(Guid user, CancellationToken cancel) =>
        (await db.LockAdminsAsync(cancel)).Any(a => a.Active && a.Id != user);

    /// <summary>The token of the first start, which is an admin where no user is.</summary>
    public Task<bool> HaveTokenAsync(CancellationToken cancel) =>
        db.AccessTokens.AnyAsync(
            t => t.Name == Caller.FirstAdmin && t.UserId == null && t.ProjectId == null && t.RevokedAt == null,
            cancel
        );
}
