using Microsoft.EntityFrameworkCore;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Orphans;

namespace Wombat.Application.Orphans;

/// <summary>Reads that the use cases of orphans share.</summary>
internal static class OrphanQueries
{
    /// <summary>Those that two listings have shown.</summary>
    public static IQueryable<Orphan> Confirmed(this IQueryable<Orphan> orphans) => orphans.Where(o => o.ConfirmedAt != null);

    /// <summary>
    /// Returns the orphan and locks it, after the unfinished jobs of its resource, until the transaction ends: of an adoption and a removal
    /// one is first, and the other one finds it gone or being removed.
    /// </summary>
    /// <exception cref="NotFoundException">There is no such orphan, or not any more.</exception>
    /// <exception cref="ConflictException">A job is deleting it.</exception>
    public static async Task<Orphan> LockIdleOrphanAsync(this IWombatDbContext db, Guid id, CancellationToken cancel)
    {
        var known =
            await db.Orphans.AsNoTracking().Confirmed().SingleOrDefaultAsync(o => o.Id == id, cancel)
            ?? throw new NotFoundException("orphan");
        await db.LockActiveJobsAsync([known.ResourceId], cancel);
        var orphan = await db.LockOrphanAsync(id, cancel);
        await db.EnsureNotRemovedAsync(orphan, cancel);
        return orphan;
    }

    /// <exception cref="ConflictException">A job is deleting it.</exception>
    public static async Task EnsureNotRemovedAsync(this IWombatDbContext db, Orphan orphan, CancellationToken cancel)
    {
        if (await db.Jobs.Unfinished().AnyAsync(j => j.ResourceId == orphan.ResourceId && j.Kind == Orphan.RemoveJob, cancel))
        {
            throw new ConflictException(ErrorCode.AlreadyDeleting, $"{orphan.Name} is already being removed.");
        }
    }
}
