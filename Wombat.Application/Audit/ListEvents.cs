using System.Globalization;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Audit;

/// <summary>Events after a position, oldest first; the cursor is a position, so a page and a stream continue each other.</summary>
[Requires(Permission.EventRead)]
public sealed record ListEvents(PageRequest Page, Guid? ProjectId = null, string? Action = null) : IRequest<Page<EventDto>>, IInProject
{
    Guid? IInProject.InProject => ProjectId;

    public static long ParsePosition(string? cursor) =>
        cursor is null ? 0
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position
        : throw new InvalidInputException("cursor", "must be a position, a whole number");
}

internal sealed class ListEventsValidator : AbstractValidator<ListEvents>
{
    public ListEventsValidator()
    {
        RuleFor(m => m.Page).ValidPage("position");
        RuleFor(m => m.Action).MaximumLength(100).PlainText();
    }
}

internal sealed class ListEventsHandler(IWombatDbContext db, Standings standings) : IRequestHandler<ListEvents, Page<EventDto>>
{
    public async Task<Page<EventDto>> Handle(ListEvents request, CancellationToken cancellationToken)
    {
        var page = request.Page;
        var descending = page.Sort == "-position";
        var cursor = ListEvents.ParsePosition(page.Cursor);
        var positions = db.EventPositions.AsNoTracking();
        if (request.ProjectId is { } projectId)
        {
            positions = positions.Where(p => p.ProjectId == projectId);
        }
        else if (standings.Where(Permission.EventRead) is { } visible)
        {
            positions = positions.Where(p => p.ProjectId != null && visible.Contains(p.ProjectId.Value));
        }

        if (page.Cursor is not null)
        {
            positions = descending ? positions.Where(p => p.Position < cursor) : positions.Where(p => p.Position > cursor);
        }

        positions = descending ? positions.OrderByDescending(p => p.Position) : positions.OrderBy(p => p.Position);
        var joined = positions.Join(db.Events.AsNoTracking(), p => p.EventId, e => e.Id, (p, e) => new { p.Position, Event = e });
        if (request.Action is { } action)
        {
            joined = joined.Where(r => r.Event.Action == action);
        }

        joined = descending ? joined.OrderByDescending(r => r.Position) : joined.OrderBy(r => r.Position);
        var rows = await joined.Take(page.Take + 1).ToListAsync(cancellationToken);
        var more = rows.Count > page.Take;
        var items = rows.Take(page.Take).Select(r => EventDto.From(r.Position, r.Event)).ToList();
        return new Page<EventDto>(items, more ? items[^1].Position.ToString(CultureInfo.InvariantCulture) : null);
    }
}
