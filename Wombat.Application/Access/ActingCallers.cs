using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Users;

namespace Wombat.Application.Access;

/// <summary>Finds callers again, for what was requested earlier and is done now with the access that its requester has now.</summary>
internal sealed class ActingCallers(IWombatDbContext db, ICredentialAuthenticator credentials)
{
    /// <param name="user">The user; null for a token without one.</param>
    /// <param name="token">The token that was used, if any: without it there is no access.</param>
    /// <param name="through">The authentication type, for events.</param>
    /// <returns>Null for an inactive user and for a token that is not valid.</returns>
    public async Task<Caller?> FindAsync(Guid? user, Guid? token, string through, CancellationToken cancel)
    {
        if (token is { } id)
        {
            return await credentials.FindTokenCallerAsync(id, cancel) is { } caller ? caller with { AuthenticationType = through } : null;
        }

        var found = await db
            .Users.AsNoTracking()
            .Where(u => u.Id == user && u.Active)
            .Select(u => new { u.Login, u.PlatformRole })
            .SingleOrDefaultAsync(cancel);
        return found is null ? null : new Caller(found.Login, through, found.PlatformRole == PlatformRole.Admin) { UserId = user };
    }
}
