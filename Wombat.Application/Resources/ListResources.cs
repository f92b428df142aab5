using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Resources of a kind, newest first: those of one project, or all that the caller may see.</summary>
/// <param name="OfOneProject">The project must exist.</param>
public sealed record ListResources<TDto>(PageRequest Page, ResourceFilter Filter, bool OfOneProject) : IRequest<Page<TDto>>, IProjectScoped
    where TDto : ResourceDto
{
    Guid? IProjectScoped.ProjectId => Filter.ProjectId;
}

internal sealed class ListResourcesValidator<TDto> : AbstractValidator<ListResources<TDto>>
    where TDto : ResourceDto
{
    private const int FieldMax = 100;

    public ListResourcesValidator()
    {
        RuleFor(m => m.Page).ValidPage(SortNames.Resources);
        RuleFor(m => m.Filter.Q).MaximumLength(Resource.NameMax).PlainText().OverridePropertyName("q");
        RuleFor(m => m.Filter.Fields)
            .Custom(
                (fields, context) =>
                {
                    foreach (var (name, value) in fields ?? new Dictionary<string, string?>(StringComparer.Ordinal))
                    {
                        if (value is not null && (value.Length > FieldMax || !ValidationRules.IsPlain(value)))
                        {
                            context.AddFailure(name, $"must be text of at most {FieldMax} characters");
                        }
                    }
                }
            );
    }
}

internal sealed class ListResourcesHandler<TResource, TSpec, TDto, TAccepted>(
    ResourceKindDefinition<TResource, TSpec, TDto, TAccepted> kind,
    IWombatDbContext db,
    ProjectAccessService projectAccess,
    ResourceMapper<TDto> mapper
) : IRequestHandler<ListResources<TDto>, Page<TDto>>
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    public async Task<Page<TDto>> Handle(ListResources<TDto> request, CancellationToken cancellationToken)
    {
        var (page, filter) = (request.Page, request.Filter);
        if (request.OfOneProject)
        {
            await db.EnsureProjectAsync(filter.ProjectId!.Value, cancellationToken);
        }

        if (filter.IncludeDeleted && !projectAccess.HasFullAccess)
        {
            throw new ForbiddenException(ErrorCode.Forbidden, "include_deleted is for admins; status=deleted lists the deleted ones.");
        }

        var sort = page.Sort ?? "-created_at";
        var cursor = Cursor.Decode(page.Cursor, sort);
        var resources = Filtered(filter);
        var total = page.IncludeTotal ? await resources.LongCountAsync(cancellationToken) : (long?)null;
        var rows = await Sorted(resources, sort, cursor).Take(page.Take + 1).ToListAsync(cancellationToken);
        var items = await mapper.MapWithActionsAsync(rows, cancellationToken);
        if (!request.OfOneProject)
        {
            await AddProjectNamesAsync(items, cancellationToken);
        }

        return Page.Cut(items, page, r => new Cursor(sort, sort.EndsWith("name", StringComparison.Ordinal) ? r.Name : "", r.Id), total);
    }

    private async Task AddProjectNamesAsync(List<TDto> items, CancellationToken cancel)
    {
        var ids = items.Select(i => i.ProjectId).Distinct().ToList();
        var names = await db.Projects.Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Name, cancel);
        foreach (var item in items)
        {
            item.ProjectName = names.GetValueOrDefault(item.ProjectId);
        }
    }

    private IQueryable<TResource> Filtered(ResourceFilter filter)
    {
        var resources = db.Context.Set<TResource>().AsNoTracking();
        if (filter.ProjectId is null && projectAccess.AccessibleProjectIds(kind.Permissions.Read) is { } visible)
        {
            resources = resources.Where(r => visible.Contains(r.ProjectId));
        }

        resources = filter.ProjectId is { } project ? resources.Where(r => r.ProjectId == project) : resources;
        resources = filter.Statuses is { } statuses
            ? resources.Where(r => statuses.Contains(r.Status))
            : resources.Where(r => filter.IncludeDeleted || r.Status != ResourceStatus.Deleted);
        resources = filter.Q is { Length: > 0 } q ? resources.Where(r => r.Name.Contains(q.ToLowerInvariant())) : resources;
        return (filter.Fields ?? new Dictionary<string, string?>(StringComparer.Ordinal))
            .Where(f => f.Value is not null)
            .Aggregate(resources, (rows, field) => kind.Filter(rows, field.Key, field.Value!));
    }

    private static IQueryable<TResource> Sorted(IQueryable<TResource> resources, string sort, Cursor? cursor) =>
        sort is "name" or "-name" ? resources.ByName(nameof(Resource.Name), sort, cursor) : resources.ByCreatedAt(sort, cursor);
}
