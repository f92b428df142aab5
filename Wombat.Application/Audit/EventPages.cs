using System.Globalization;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;

namespace Wombat.Application.Audit;

/// <summary>Reads pages of events, without what the caller may not see of them.</summary>
internal sealed class EventPages(IWombatDbContext db, ProjectAccessService projectAccess)
{
    public async Task<Page<EventDto>> ReadAsync(PageRequest page, EventFilter filter, CancellationToken cancel)
    {
        var rows = filter.IsPlain
            ? await ReadRowsAsync(page, filter, cancel)
            : await db.WithCustomPlanAsync(token => ReadRowsAsync(page, filter, token), cancel);
        var more = rows.Count > page.Take;
        var items = await RedactAsync(rows.Take(page.Take).ToList(), cancel);
        return new Page<EventDto>(items, more ? items[^1].Position.ToString(CultureInfo.InvariantCulture) : null);
    }

    private async Task<List<EventDto>> RedactAsync(List<EventDto> events, CancellationToken cancel)
    {
        if (projectAccess.HasFullAccess)
        {
            return events;
        }

        var known = await projectAccess.GetManyAsync(events.Where(e => e.ProjectId is not null).Select(e => e.ProjectId!.Value), cancel);
        return events.ConvertAll(e => e.For(known[e.ProjectId!.Value]));
    }

    private async Task<List<EventDto>> ReadRowsAsync(PageRequest page, EventFilter filter, CancellationToken cancel)
    {
        var descending = page.Sort == "-position";
        var cursor = ListEvents.ParsePosition(page.Cursor);
        var positions = Positions(filter.ProjectId);
        if (page.Cursor is not null)
        {
            positions = descending ? positions.Where(p => p.Position < cursor) : positions.Where(p => p.Position > cursor);
        }

        var joined = positions.Join(Events(filter), p => p.EventId, e => e.Id, (p, e) => new { p.Position, Event = e });
        joined = descending ? joined.OrderByDescending(r => r.Position) : joined.OrderBy(r => r.Position);
        var rows = await joined.Take(page.Take + 1).ToListAsync(cancel);
        return rows.ConvertAll(r => EventDto.From(r.Position, r.Event));
    }

    private IQueryable<EventPosition> Positions(Guid? project)
    {
        var positions = db.EventPositions.AsNoTracking();
        return project is not null ? positions.Where(p => p.ProjectId == project)
            : projectAccess.AccessibleProjectIds(Permission.EventRead) is { } visible
                ? positions.Where(p => p.ProjectId != null && visible.Contains(p.ProjectId.Value))
            : positions;
    }

    private IQueryable<Event> Events(EventFilter filter)
    {
        var events = db.Events.AsNoTracking();
        events = filter.Actor is { } actor ? events.Where(e => e.Actor == actor) : events;
        events = filter.ActorId is { } id ? events.Where(e => e.ActorId == id) : events;
        events = filter.Action is { } action ? events.Where(e => e.Action == action) : events;
        events = filter.TargetId is { } target ? events.Where(e => e.TargetId == target) : events;

        // Ids begin with the time; a month of them is a partition.
        events = filter.From is { } from ? events.Where(e => e.Id >= FirstIdOf(from)) : events;
        return filter.To is { } to ? events.Where(e => e.Id < FirstIdOf(to)) : events;
    }

    // There are no ids before 1970.
    private static Guid FirstIdOf(DateTimeOffset at) => new($"{Math.Max(0, at.ToUnixTimeMilliseconds()):x12}00000000000000000000");
}
