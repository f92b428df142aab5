using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Persistence;
using Wombat.Domain.Users;

namespace Wombat.Application.Sessions;

/// <summary>
/// Whether a user with the admin role can sign in. Callers without a credential ask, so it is remembered for a while when there is one.
/// </summary>
public sealed class FirstAdmin(IServiceScopeFactory scopes, TimeProvider clock)
{
    private static readonly TimeSpan Trust = TimeSpan.FromSeconds(10);

    private long? seenAt;

    public async Task<bool> IsMissingAsync(CancellationToken cancel)
    {
        if (seenAt is { } at && clock.GetElapsedTime(at) < Trust)
        {
            return false;
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var exists = await db
            .Users.AsNoTracking()
            .AnyAsync(
                u =>
                    u.Active
                    && u.PlatformRole == PlatformRole.Admin
                    && (u.PasswordHash != null || db.Identities.Any(i => i.UserId == u.Id)),
                cancel
            );
        seenAt = exists ? clock.GetTimestamp() : null;
        return !exists;
    }
}
