using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;

namespace Wombat.Application.Audit;

/// <summary>Reads events by their positions, whoever asks.</summary>
public static class EventReads
{
    /// <returns>The newest position; 0 if there is none.</returns>
    public static Task<long> NewestPositionAsync(this IWombatDbContext db, CancellationToken cancel) =>
        db.EventPositions.AsNoTracking().OrderByDescending(p => p.Position).Select(p => p.Position).FirstOrDefaultAsync(cancel);

    /// <summary>The next events after a position, in their order.</summary>
    public static async Task<List<EventDto>> EventsAfterAsync(this IWombatDbContext db, long position, int count, CancellationToken cancel)
    {
        var rows = await db
            .EventPositions.AsNoTracking()
            .Where(p => p.Position > position)
            .Join(db.Events.AsNoTracking(), p => p.EventId, e => e.Id, (p, e) => new { p.Position, Event = e })
            .OrderBy(r => r.Position)
            .Take(count)
            .ToListAsync(cancel);
        return rows.ConvertAll(r => EventDto.From(r.Position, r.Event));
    }
}
