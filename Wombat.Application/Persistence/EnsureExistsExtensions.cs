using Microsoft.EntityFrameworkCore;
using Wombat.Domain.Common;

namespace Wombat.Application.Persistence;

/// <summary>Whether that is there to which what is asked for belongs: no list of nobody's things is an empty list.</summary>
internal static class EnsureExistsExtensions
{
    /// <exception cref="NotFoundException">There is no such user, active or not.</exception>
    public static async Task EnsureUserAsync(this IWombatDbContext db, Guid id, CancellationToken cancel)
    {
        if (!await db.Users.AnyAsync(u => u.Id == id, cancel))
        {
            throw new NotFoundException("user");
        }
    }

    /// <exception cref="NotFoundException">There is no such project.</exception>
    public static async Task EnsureProjectAsync(this IWombatDbContext db, Guid id, CancellationToken cancel)
    {
        if (!await db.Projects.AnyAsync(p => p.Id == id, cancel))
        {
            throw new NotFoundException("project");
        }
    }
}
