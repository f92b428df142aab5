using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Access;

namespace Wombat.Application.Commands;

/// <summary>Runs, newest first.</summary>
[RequirePermission(Permission.CommandRead)]
public sealed record ListRuns(PageRequest Page, RunFilter Filter) : IRequest<Page<RunDto>>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => Filter.ProjectId;
}

internal sealed class ListRunsValidator : AbstractValidator<ListRuns>
{
    public ListRunsValidator()
    {
        RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
        this.ValidFilter(m => m.Filter);
    }
}

internal sealed class ListRunsHandler(RunQueries queries, RunActions actions) : IRequestHandler<ListRuns, Page<RunDto>>
{
    public async Task<Page<RunDto>> Handle(ListRuns request, CancellationToken cancellationToken)
    {
        var (page, filter) = request;
        var sort = page.Sort ?? "-" + CreatedAtPaging.Sort;
        var total = page.IncludeTotal ? await queries.Of(filter, Permission.CommandRead).LongCountAsync(cancellationToken) : (long?)null;
        var rows = await queries
            .Page(filter, Permission.CommandRead, sort, Cursor.Decode(page.Cursor, sort))
            .Take(page.Take + 1)
            .ToListAsync(cancellationToken);
        return Page.Cut(
            await actions.ApplyAsync(rows.ConvertAll(r => RunDto.Of(r.Run, r.Job)), cancellationToken),
            page,
            r => new Cursor(sort, "", r.Id),
            total
        );
    }
}
