using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Commands;
using Wombat.Domain.Jobs;

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
        RuleFor(m => m.Filter.RequestedBy).MaximumLength(255).PlainText().OverridePropertyName("requested_by");
        RuleFor(m => m.Filter.Host).MaximumLength(255).PlainText().OverridePropertyName("host");
    }
}

internal sealed class ListRunsHandler(IWombatDbContext db, ProjectAccessService projectAccess, RunActions actions, RequestContext context)
    : IRequestHandler<ListRuns, Page<RunDto>>
{
    public async Task<Page<RunDto>> Handle(ListRuns request, CancellationToken cancellationToken)
    {
        var (page, filter) = request;
        var sort = page.Sort ?? "-" + CreatedAtPaging.Sort;
        var cursor = Cursor.Decode(page.Cursor, sort);
        var (runs, jobs) = (Filtered(filter), JobsOf(filter));
        var total = page.IncludeTotal ? await Joined(runs, jobs).LongCountAsync(cancellationToken) : (long?)null;
        // Without the second condition PostgreSQL reads all jobs of the earlier pages.
        var rows = await Joined(runs.ByCreatedAt(sort, cursor), jobs.Beyond(sort, cursor))
            .Take(page.Take + 1)
            .ToListAsync(cancellationToken);
        return Page.Cut(
            await actions.ApplyAsync(rows.ConvertAll(r => RunDto.Of(r.Run, r.Job)), cancellationToken),
            page,
            r => new Cursor(sort, "", r.Id),
            total
        );
    }

    private IQueryable<Run> Filtered(RunFilter filter)
    {
        var runs = projectAccess.Accessible(db.Runs.AsNoTracking(), filter.ProjectId, Permission.CommandRead);
        runs = filter.CommandId is { } command ? runs.Where(r => r.CommandId == command) : runs;
        runs = filter.ScheduleId is { } schedule ? runs.Where(r => r.ScheduleId == schedule) : runs;
        runs = filter.ExitCode is { } code ? runs.Where(r => r.ExitCode == code) : runs;
        runs = filter.AwaitsApproval ? runs.Where(r => r.AwaitsApproval) : runs;
        runs = filter switch
        {
            { ParentId: { } parent } => runs.Where(r => r.ParentId == parent),
            { Host: null } => runs.Where(r => r.ParentId == null),
            _ => runs,
        };
        return filter.Host is { } host ? runs.Where(r => r.HostName == host) : runs;
    }

    private IQueryable<Job> JobsOf(RunFilter filter)
    {
        var jobs = db.Jobs.AsNoTracking();
        jobs = filter.Statuses is { } states ? jobs.Where(j => states.Contains(j.State)) : jobs;
        jobs = filter.RequestedBy is { } by ? jobs.Where(j => j.RequestedBy == by) : jobs;
        jobs = filter.Since is { } since ? jobs.Where(j => j.CreatedAt >= since) : jobs;
        jobs = filter.Until is { } until ? jobs.Where(j => j.CreatedAt < until) : jobs;
        var caller = context.Caller!.UserId;
        return filter.AwaitsApproval ? jobs.Where(j => caller != null && j.RequestedById != caller && j.State == JobState.Queued) : jobs;
    }

    private static IQueryable<RunWithJob> Joined(IQueryable<Run> runs, IQueryable<Job> jobs) =>
        runs.Join(jobs, r => r.Id, j => j.Id, (r, j) => new RunWithJob { Run = r, Job = j });
}
