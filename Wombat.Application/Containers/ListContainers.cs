using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Containers;
using Wombat.Domain.Resources;

namespace Wombat.Application.Containers;

/// <summary>Containers, newest first: of one project, or of all that the caller sees. Deleted ones only when asked for by status.</summary>
[RequirePermission(Permission.ContainerRead)]
public sealed record ListContainers(PageRequest Page, ContainerFilter Filter, bool OfOneProject)
    : IRequest<Page<ContainerDto>>,
        IProjectScoped
{
    Guid? IProjectScoped.ProjectId => Filter.ProjectId;
}

public sealed record ContainerFilter(
    Guid? ProjectId = null,
    IReadOnlyList<ResourceStatus>? Statuses = null,
    string? Template = null,
    string? Q = null
);

internal sealed class ListContainersValidator : AbstractValidator<ListContainers>
{
    public ListContainersValidator()
    {
        RuleFor(m => m.Page).ValidPage(SortNames.Containers);
        RuleFor(m => m.Filter.Template).MaximumLength(Container.TemplateMax).PlainText().OverridePropertyName("template");
        RuleFor(m => m.Filter.Q).MaximumLength(Container.NameMax).PlainText().OverridePropertyName("q");
    }
}

internal sealed class ListContainersHandler(
    IWombatDbContext db,
    IMapper mapper,
    ProjectAccessService projectAccess,
    ContainerActions actions
) : IRequestHandler<ListContainers, Page<ContainerDto>>
{
    public async Task<Page<ContainerDto>> Handle(ListContainers request, CancellationToken cancellationToken)
    {
        var (page, filter) = (request.Page, request.Filter);
        if (request.OfOneProject)
        {
            await db.EnsureProjectAsync(filter.ProjectId!.Value, cancellationToken);
        }

        var sort = page.Sort ?? "-created_at";
        var cursor = Cursor.Decode(page.Cursor, sort);
        var containers = Filtered(filter);
        var total = page.IncludeTotal ? await containers.LongCountAsync(cancellationToken) : (long?)null;
        var rows = await Sorted(containers, sort, cursor).Take(page.Take + 1).ToListAsync(cancellationToken);
        return Page.Cut(
            await actions.ApplyAsync(mapper.Map<List<ContainerDto>>(rows), cancellationToken),
            page,
            c => new Cursor(sort, sort.EndsWith("name", StringComparison.Ordinal) ? c.Name : "", c.Id),
            total
        );
    }

    private IQueryable<Container> Filtered(ContainerFilter filter)
    {
        var containers = db.Containers.AsNoTracking();
        if (filter.ProjectId is null && projectAccess.AccessibleProjectIds(Permission.ContainerRead) is { } visible)
        {
            containers = containers.Where(c => visible.Contains(c.ProjectId));
        }

        containers = filter.ProjectId is { } project ? containers.Where(c => c.ProjectId == project) : containers;
        containers = filter.Statuses is { } statuses
            ? containers.Where(c => statuses.Contains(c.Status))
            : containers.Where(c => c.Status != ResourceStatus.Deleted);
        containers = filter.Template is { } template ? containers.Where(c => c.Template == template) : containers;
        return filter.Q is { Length: > 0 } q ? containers.Where(c => c.Name.Contains(q.ToLowerInvariant())) : containers;
    }

    private static IQueryable<Container> Sorted(IQueryable<Container> containers, string sort, Cursor? cursor) =>
        sort switch
        {
            "name" => (
                cursor is null
                    ? containers
                    : containers.Where(c =>
                        string.Compare(c.Name, cursor.Key) >= 0 && (string.Compare(c.Name, cursor.Key) > 0 || c.Id > cursor.Id)
                    )
            )
                .OrderBy(c => c.Name)
                .ThenBy(c => c.Id),
            "-name" => (
                cursor is null
                    ? containers
                    : containers.Where(c =>
                        string.Compare(c.Name, cursor.Key) <= 0 && (string.Compare(c.Name, cursor.Key) < 0 || c.Id < cursor.Id)
                    )
            )
                .OrderByDescending(c => c.Name)
                .ThenByDescending(c => c.Id),
            _ => containers.ByCreatedAt(sort, cursor),
        };
}
