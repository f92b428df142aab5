using System.Globalization;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;

namespace Wombat.Application.Audit;

/// <summary>Events after a position, oldest first. The cursor is a position, so a stream can continue where a page ends.</summary>
[RequirePermission(Permission.EventRead)]
public sealed record ListEvents(PageRequest Page, EventFilter Filter) : IRequest<Page<EventDto>>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => Filter.ProjectId;

    public static long ParsePosition(string? cursor) =>
        cursor is null ? 0
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position
        : throw new InvalidInputException("cursor", "must be the position of an event, a whole number");
}

internal sealed class ListEventsValidator : AbstractValidator<ListEvents>
{
    public ListEventsValidator()
    {
        RuleFor(m => m.Page).ValidPage(SortNames.Events);
        RuleFor(m => m.Filter.Action).MaximumLength(100).PlainText().OverridePropertyName("action");
        RuleFor(m => m.Filter.Actor).MaximumLength(255).PlainText().OverridePropertyName("actor");
        RuleFor(m => m.Filter.To)
            .Must((m, to) => to is null || m.Filter.From is null || to > m.Filter.From)
            .WithMessage("must be after from")
            .OverridePropertyName("to");
    }
}

internal sealed class ListEventsHandler(IWombatDbContext db, ProjectAccessService projectAccess)
    : IRequestHandler<ListEvents, Page<EventDto>>
{
    public async Task<Page<EventDto>> Handle(ListEvents request, CancellationToken cancellationToken)
    {
        var (page, filter) = request;
        var rows = filter.IsPlain
            ? await ReadAsync(request, cancellationToken)
            : await db.WithCustomPlanAsync(cancel => ReadAsync(request, cancel), cancellationToken);
        var more = rows.Count > page.Take;
        var items = await RedactAsync(rows.Take(page.Take).ToList(), cancellationToken);
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

    private async Task<List<EventDto>> ReadAsync(ListEvents request, CancellationToken cancel)
    {
        var page = request.Page;
        var descending = page.Sort == "-position";
        var cursor = ListEvents.ParsePosition(page.Cursor);
        var positions = Positions(request.Filter.ProjectId);
        if (page.Cursor is not null)
        {
            positions = descending ? positions.Where(p => p.Position < cursor) : positions.Where(p => p.Position > cursor);
        }

        var joined = positions.Join(Events(request.Filter), p => p.EventId, e => e.Id, (p, e) => new { p.Position, Event = e });
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
