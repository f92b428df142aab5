using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;

namespace Wombat.Application.Access;

/// <summary>What dies with a user's account.</summary>
internal static class Credentials
{
    /// <summary>Revokes the users' tokens and ends their sessions; the caller saves.</summary>
    public static async Task VoidAsync(IWombatDbContext db, IReadOnlyCollection<Guid> users, DateTimeOffset now, CancellationToken cancel)
    {
        foreach (var token in await db.AccessTokens.Where(t => users.Contains(t.UserId!.Value) && t.RevokedAt == null).ToListAsync(cancel))
        {
            token.Revoke(now);
        }

        db.Sessions.RemoveRange(await db.Sessions.Where(s => users.Contains(s.UserId)).ToListAsync(cancel));
    }
}
