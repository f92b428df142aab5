using System.Linq.Expressions;
using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Projects;
using Wombat.Domain.Users;

namespace Wombat.Application.Projects;

[Requires(Permission.ProjectRead)]
public sealed record ListProjects(PageRequest Page, ProjectFilter Filter) : IRequest<Page<ProjectDto>>, IInProject
{
    Guid? IInProject.InProject => null;

    /// <summary>Ids are time-ordered, so the order of creation is the order of ids.</summary>
    public const string DefaultSort = "-created_at";
}

/// <param name="Q">Part of the name or unix_name, in any case.</param>
public sealed record ProjectFilter(string? Q = null, string? Tag = null, Visibility? Visibility = null, bool? Active = null)
{
    public bool IsEmpty => this is { Q: null, Tag: null, Visibility: null, Active: null };
}

internal sealed class ListProjectsValidator : AbstractValidator<ListProjects>
{
    public ListProjectsValidator()
    {
        RuleFor(m => m.Page).ValidPage("created_at", "updated_at", "name", "unix_name");
        RuleFor(m => m.Filter.Q).MaximumLength(Project.NameMax).PlainText().OverridePropertyName("q");
        RuleFor(m => m.Filter.Tag).MaximumLength(Project.TagMax).PlainText().OverridePropertyName("tag");
    }
}

internal sealed class ListProjectsHandler(IWombatDbContext db, IMapper mapper, RequestContext context, Standings standings, Actions actions) : IRequestHandler<ListProjects, Page<ProjectDto>>
{
    private static readonly CompiledBySize<Func<DbContext, Guid, IAsyncEnumerable<Project>>, Expression<Func<DbContext, Guid, int, IQueryable<Project>>>> NewestBefore = new(
        (context, before, take) => context.Set<Project>().AsNoTracking().Where(p => p.Id < before).OrderByDescending(p => p.Id).Take(take),
        (body, of) => EF.CompileAsyncQuery(Expression.Lambda<Func<DbContext, Guid, IQueryable<Project>>>(body, of[0], of[1])));

    // What is open to all and what one is a member of are two index ranges in the same order: the page's rows are among the
    // first of each, so that neither a few memberships among many projects nor many make it read more. Cut to the page before
    // projects are looked up.
    private static readonly CompiledBySize<Func<DbContext, Guid, Guid, IAsyncEnumerable<Project>>, Expression<Func<DbContext, Guid, Guid, int, IQueryable<Project>>>> NewestOfUser = new(
        (context, user, before, take) => context.Set<Project>().AsNoTracking()
            .Where(p => context.Set<Member>().Where(m => m.UserId == user && m.ProjectId < before).OrderByDescending(m => m.ProjectId).Take(take).Select(m => m.ProjectId)
                .Union(context.Set<Project>().Where(o => o.Visibility != Visibility.Private && o.Id < before).OrderByDescending(o => o.Id).Take(take).Select(o => o.Id))
                .OrderByDescending(id => id).Take(take)
                .Contains(p.Id))
            .OrderByDescending(p => p.Id).Take(take),
        (body, of) => EF.CompileAsyncQuery(Expression.Lambda<Func<DbContext, Guid, Guid, IQueryable<Project>>>(body, of[0], of[1], of[2])));

    public async Task<Page<ProjectDto>> Handle(ListProjects request, CancellationToken cancellationToken)
    {
        var (page, filter) = request;
        var sort = page.Sort ?? ListProjects.DefaultSort;
        var cursor = Cursor.Decode(page.Cursor, sort);
        if (filter.IsEmpty && sort == ListProjects.DefaultSort && !page.IncludeTotal && (standings.AreFull || context.Caller is { UserId: not null, OnlyProject: null }))
        {
            var newest = new List<ProjectDto>(page.Take + 1);
            await foreach (var project in Newest(cursor?.Id ?? Guid.AllBitsSet, page.Take + 1).WithCancellation(cancellationToken))
            {
                newest.Add(mapper.Map<Project, ProjectDto>(project));
            }

            return Page.Cut(await actions.ShowAsync(newest, cancellationToken), page, p => CursorOf(p, sort));
        }

        return filter.IsEmpty && standings.AreFull
            ? await ReadAsync(page, filter, sort, cursor, cancellationToken)
            : await db.WithPlanOfItsOwnAsync(cancel => ReadAsync(page, filter, sort, cursor, cancel), cancellationToken);
    }

    private IAsyncEnumerable<Project> Newest(Guid before, int take) => standings.AreFull
        ? NewestBefore.For(take)(db.Context, before)
        : NewestOfUser.For(take)(db.Context, context.Caller!.UserId!.Value, before);

    private async Task<Page<ProjectDto>> ReadAsync(PageRequest page, ProjectFilter filter, string sort, Cursor? cursor, CancellationToken cancel)
    {
        var filtered = Filtered(filter);
        var total = page.IncludeTotal ? await filtered.LongCountAsync(cancel) : (long?)null;
        var projects = await ProjectSort.Apply(filtered, sort, cursor).Take(page.Take + 1).ToListAsync(cancel);
        return Page.Cut(await actions.ShowAsync(mapper.Map<List<ProjectDto>>(projects), cancel), page, p => CursorOf(p, sort), total);
    }

    private IQueryable<Project> Filtered(ProjectFilter filter)
    {
        var projects = db.Projects.AsNoTracking();
        if (standings.Where(Permission.ProjectRead) is { } visible)
        {
            projects = projects.Where(p => visible.Contains(p.Id));
        }

        if (filter.Q is { Length: > 0 } q)
        {
            var part = q.ToLowerInvariant();
            projects = projects.Where(p => (p.UnixName + " " + p.Name).ToLower().Contains(part));
        }

        if (filter.Tag is { } tag)
        {
            projects = projects.Where(p => db.ProjectTags.Any(t => t.Tag == tag && t.ProjectId == p.Id));
        }

        if (filter.Visibility is { } visibility)
        {
            projects = projects.Where(p => p.Visibility == visibility);
        }

        return filter.Active is { } active ? projects.Where(p => p.Active == active) : projects;
    }

    private static Cursor CursorOf(ProjectDto last, string sort) => new(sort, ProjectSort.KeyOf(last, sort), last.Id);
}
