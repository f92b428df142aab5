using Microsoft.EntityFrameworkCore;
using Wombat.Domain.Common;

namespace Wombat.Application.Persistence;

/// <summary>Checks that the owner of a list exists: a list of an unknown user or project is an error, not an empty list.</summary>
internal static class EnsureExistsExtensions
{
    /// <exception cref="NotFoundException">The user does not exist.</exception>
    public static async Task EnsureUserAsync(this IWombatDbContext db, Guid id, CancellationToken cancel)
    {
        if (!await db.Users.AnyAsync(u => u.Id == id, cancel))
        {
            throw new NotFoundException("user");
        }
    }

    /// <exception cref="NotFoundException">The project does not exist.</exception>
    public static async Task EnsureProjectAsync(this IWombatDbContext db, Guid id, CancellationToken cancel)
    {
        if (!await db.Projects.AnyAsync(p => p.Id == id, cancel))
        {
            throw new NotFoundException("project");
        }
    }
}
