using System.Globalization;
using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Access;
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

internal sealed class ListEventsHandler(EventPages pages) : IRequestHandler<ListEvents, Page<EventDto>>
{
    public Task<Page<EventDto>> Handle(ListEvents request, CancellationToken cancellationToken) =>
        pages.ReadAsync(request.Page, request.Filter, cancellationToken);
}
