using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Jobs;

/// <summary>Jobs, newest first; arguments and logs are never read.</summary>
[RequirePermission(Permission.JobRead)]
public sealed record ListJobs(PageRequest Page, JobFilter Filter) : IRequest<Page<JobDto>>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => Filter.ProjectId;
}

internal sealed class ListJobsValidator : AbstractValidator<ListJobs>
{
    public ListJobsValidator(JobKinds kinds)
    {
        RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
        RuleFor(m => m.Filter.Kind)
            .Must(k => k is null || kinds.Names.Contains(k, StringComparer.Ordinal))
            .WithMessage("must be one of " + string.Join(", ", kinds.Names))
            .OverridePropertyName("kind");
    }
}

internal sealed class ListJobsHandler(IWombatDbContext db, ProjectAccessService projectAccess, JobActions actions)
    : IRequestHandler<ListJobs, Page<JobDto>>
{
    public async Task<Page<JobDto>> Handle(ListJobs request, CancellationToken cancellationToken)
    {
        var (page, filter) = request;
        var sort = page.Sort ?? "-" + CreatedAtPaging.Sort;
        var cursor = Cursor.Decode(page.Cursor, sort);
        var jobs = projectAccess.Accessible(db.Jobs.AsNoTracking(), filter.ProjectId, Permission.JobRead);
        jobs = filter.ResourceId is { } resource ? jobs.Where(j => j.ResourceId == resource) : jobs;
        jobs = filter.Statuses is { } states ? jobs.Where(j => states.Contains(j.State)) : jobs;
        jobs = filter.Kind is { } kind ? jobs.Where(j => j.Kind == kind) : jobs;
        var total = page.IncludeTotal ? await jobs.LongCountAsync(cancellationToken) : (long?)null;
        var rows = await jobs.ByCreatedAt(sort, cursor)
            .Take(page.Take + 1)
            .Select(j => new JobDto
            {
                Id = j.Id,
                Kind = j.Kind,
                Status = j.State,
                Attempt = j.Attempt,
                MaxAttempts = j.MaxAttempts,
                Priority = j.Priority,
                Progress = j.Progress,
                Error =
                    j.Error == null
                        ? null
                        : new JobErrorDto
                        {
                            Code = j.Error.Code,
                            Message = j.Error.Message,
                            Retryable = j.Error.Retryable,
                        },
                CancelRequested = j.CancelRequested,
                ProjectId = j.ProjectId,
                ProjectName = db.Projects.Where(p => p.Id == j.ProjectId).Select(p => p.Name).FirstOrDefault(),
                ResourceId = j.ResourceId,
                ResourceName = db.Resources.Where(r => r.Id == j.ResourceId).Select(r => r.Name).FirstOrDefault(),
                ParentId = j.ParentId,
                RequestedBy = j.RequestedBy,
                CreatedAt = j.CreatedAt,
                RunAt = j.RunAt,
                StartedAt = j.StartedAt,
                FinishedAt = j.FinishedAt,
            })
            .ToListAsync(cancellationToken);
        return Page.Cut(await actions.ApplyAsync(rows, cancellationToken), page, j => new Cursor(sort, "", j.Id), total);
    }
}
