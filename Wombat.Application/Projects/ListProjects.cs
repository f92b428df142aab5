using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

[RequirePermission(Permission.ProjectRead)]
public sealed record ListProjects(PageRequest Page, ProjectFilter Filter) : IRequest<Page<ProjectDto>>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => null;

    /// <summary>Lists projects. Ids are time-ordered, so their order is the creation order.</summary>
    public const string DefaultSort = "-created_at";
}

internal sealed class ListProjectsValidator : AbstractValidator<ListProjects>
{
    public ListProjectsValidator()
    {
        RuleFor(m => m.Page).ValidPage(SortNames.Projects);
        RuleFor(m => m.Filter.Q).MaximumLength(Project.NameMax).PlainText().OverridePropertyName("q");
        RuleFor(m => m.Filter.UnixName).MaximumLength(Project.UnixNameMax).PlainText().OverridePropertyName("unix_name");
        RuleFor(m => m.Filter.Tag).MaximumLength(Project.TagMax).PlainText().OverridePropertyName("tag");
    }
}

internal sealed class ListProjectsHandler(
    IWombatDbContext db,
    ProjectReads reads,
    IMapper mapper,
    RequestContext context,
    ProjectAccessService projectAccess,
    ProjectActions actions
) : IRequestHandler<ListProjects, Page<ProjectDto>>
{
    public async Task<Page<ProjectDto>> Handle(ListProjects request, CancellationToken cancellationToken)
    {
        var (page, filter) = request;
        var sort = page.Sort ?? ListProjects.DefaultSort;
        var cursor = Cursor.Decode(page.Cursor, sort);
        if (
            filter.IsEmpty
            && sort == ListProjects.DefaultSort
            && !page.IncludeTotal
            && (projectAccess.HasFullAccess || context.Caller is { UserId: not null, RestrictedToProjectId: null })
        )
        {
            var newest = await reads.NewestAsync(
                new NewestPage(projectAccess.HasFullAccess ? null : context.Caller!.UserId, cursor?.Id ?? Guid.AllBitsSet, page.Take + 1),
                cancellationToken
            );
            return Page.Cut(
                await actions.ApplyAsync([.. newest.Select(mapper.Map<Project, ProjectDto>)], cancellationToken),
                page,
                p => CursorOf(p, sort)
            );
        }

        return filter.IsEmpty && projectAccess.HasFullAccess
            ? await ReadAsync(page, filter, sort, cursor, cancellationToken)
            : await db.WithCustomPlanAsync(cancel => ReadAsync(page, filter, sort, cursor, cancel), cancellationToken);
    }

    private async Task<Page<ProjectDto>> ReadAsync(
        PageRequest page,
        ProjectFilter filter,
        string sort,
        Cursor? cursor,
        CancellationToken cancel
    )
    {
        var total = page.IncludeTotal ? await Filtered(filter, db.ProjectTags).LongCountAsync(cancel) : (long?)null;
        var projects = await ProjectSort
            .Apply(Filtered(filter, ProjectSort.After(db.ProjectTags, sort, cursor)), sort, cursor)
            .Take(page.Take + 1)
            .ToListAsync(cancel);
        return Page.Cut(await actions.ApplyAsync(mapper.Map<List<ProjectDto>>(projects), cancel), page, p => CursorOf(p, sort), total);
    }

    private IQueryable<Project> Filtered(ProjectFilter filter, IQueryable<ProjectTag> tags)
    {
        var projects = db.Projects.AsNoTracking();
        if (projectAccess.AccessibleProjectIds(Permission.ProjectRead) is { } visible)
        {
            projects = projects.Where(p => visible.Contains(p.Id));
        }

        if (filter.OfCaller)
        {
            var user = context.Caller!.UserId;
            projects = projects.Where(p => db.Members.Any(m => m.UserId == user && m.ProjectId == p.Id));
        }

        if (filter.Q is { Length: > 0 } q)
        {
            projects = projects.Where(p => TextSearch.Matches(p.UnixName + " " + p.Name, q));
        }

        if (filter.UnixName is { } unixName)
        {
            projects = projects.Where(p => p.UnixName == unixName);
        }

        if (filter.Tag is { } tag)
        {
            projects = projects.Where(p => tags.Any(t => t.Tag == tag && t.ProjectId == p.Id));
        }

        if (filter.Visibility is { } visibility)
        {
            projects = projects.Where(p => p.Visibility == visibility);
        }

        return filter.Active is { } active ? projects.Where(p => p.Active == active) : projects;
    }

    private static Cursor CursorOf(ProjectDto last, string sort) => new(sort, ProjectSort.KeyOf(last, sort), last.Id);
}
