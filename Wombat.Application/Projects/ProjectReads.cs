using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Members;
using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

/// <summary>The most frequent reads: one project, and the newest page of projects. Untracked; concurrent requests share one read.</summary>
internal sealed class ProjectReads
{
    private static readonly Func<DbContext, Guid[], IAsyncEnumerable<Project>> ByIds = EF.CompileAsyncQuery(
        (DbContext context, Guid[] ids) => context.Set<Project>().AsNoTracking().Where(p => ids.Contains(p.Id))
    );

    private static readonly PageSizeQueryCache<
        Func<DbContext, Guid, IAsyncEnumerable<Project>>,
        Expression<Func<DbContext, Guid, int, IQueryable<Project>>>
    > NewestBefore = new(
        (context, before, take) => context.Set<Project>().AsNoTracking().Where(p => p.Id < before).OrderByDescending(p => p.Id).Take(take),
        (body, of) => EF.CompileAsyncQuery(Expression.Lambda<Func<DbContext, Guid, IQueryable<Project>>>(body, of[0], of[1]))
    );

    // Visible projects are the union of two index ranges in the same order: projects open to all, and the user's memberships. The page
    // is among the first rows of each, so the cost does not depend on the number of memberships. The page is cut before the projects
    // are joined.
    private static readonly PageSizeQueryCache<
        Func<DbContext, Guid, Guid, IAsyncEnumerable<Project>>,
        Expression<Func<DbContext, Guid, Guid, int, IQueryable<Project>>>
    > NewestOfUser = new(
        (context, user, before, take) =>
            context
                .Set<Project>()
                .AsNoTracking()
                .Where(p =>
                    context
                        .Set<Member>()
                        .Where(m => m.UserId == user && m.ProjectId < before)
                        .OrderByDescending(m => m.ProjectId)
                        .Take(take)
                        .Select(m => m.ProjectId)
                        .Union(
                            context
                                .Set<Project>()
                                .Where(o => o.Visibility != Visibility.Private && o.Id < before)
                                .OrderByDescending(o => o.Id)
                                .Take(take)
                                .Select(o => o.Id)
                        )
                        .OrderByDescending(id => id)
                        .Take(take)
                        .Contains(p.Id)
                )
                .OrderByDescending(p => p.Id)
                .Take(take),
        (body, of) => EF.CompileAsyncQuery(Expression.Lambda<Func<DbContext, Guid, Guid, IQueryable<Project>>>(body, of[0], of[1], of[2]))
    );

    private readonly BatchingLoader<Guid, string, Project> single;
    private readonly BatchingLoader<NewestPage, NewestPage, List<Project>> newest;
    private readonly IServiceScopeFactory scopes;

    public ProjectReads(IServiceScopeFactory scopes, TimeProvider clock)
    {
        this.scopes = scopes;
        single = new(_ => "all", ReadAsync, clock);
        newest = new(page => page, ReadAsync, clock);
    }

    /// <summary>Returns null if the project does not exist or is deleted.</summary>
    public Task<Project?> ByIdAsync(Guid id, CancellationToken cancel) => single.ReadAsync(id, cancel);

    /// <summary>Returns a page of projects, newest first.</summary>
    public async Task<IReadOnlyList<Project>> NewestAsync(NewestPage page, CancellationToken cancel) =>
        (await newest.ReadAsync(page, cancel))!;

    private async Task<IReadOnlyDictionary<Guid, Project>> ReadAsync(IReadOnlyCollection<Guid> ids)
    {
        await using var scope = scopes.CreateAsyncScope();
        var found = new Dictionary<Guid, Project>(ids.Count);
        await foreach (var project in ByIds(scope.ServiceProvider.GetRequiredService<IWombatDbContext>().Context, [.. ids]))
        {
            found[project.Id] = project;
        }

        return found;
    }

    private async Task<IReadOnlyDictionary<NewestPage, List<Project>>> ReadAsync(IReadOnlyCollection<NewestPage> same)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>().Context;
        var page = same.Single();
        var projects = new List<Project>(page.Take);
        await foreach (
            var project in page.User is { } user
                ? NewestOfUser.For(page.Take)(db, user, page.Before)
                : NewestBefore.For(page.Take)(db, page.Before)
        )
        {
            projects.Add(project);
        }

        return new Dictionary<NewestPage, List<Project>> { [page] = projects };
    }
}
