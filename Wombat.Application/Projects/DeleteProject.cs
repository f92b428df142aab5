using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Application.Resources;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;
using Wombat.Domain.Users;

namespace Wombat.Application.Projects;

/// <summary>Deletes an empty project at once (answers null), or with <paramref name="Cascade"/> by a job that deprovisions all first.</summary>
[Requires(Permission.ProjectDelete)]
public sealed record DeleteProject(Guid Id, bool Cascade, int? IfVersion) : IRequest<ProjectDeletion>, IInProject
{
    Guid? IInProject.InProject => Id;
}

/// <param name="Job">The job that deletes it, or null when it is gone already.</param>
public sealed record ProjectDeletion(ProjectDto Project, JobDto? Job);

internal sealed class DeleteProjectHandler(IWombatDbContext db, IMapper mapper, Journal journal, ResourceDeletion deletion, Actions actions, RequestContext context, TimeProvider clock)
    : IRequestHandler<DeleteProject, ProjectDeletion>
{
    public Task<ProjectDeletion> Handle(DeleteProject request, CancellationToken cancellationToken) => db.InTransactionAsync(async cancel =>
    {
        var project = await db.LockProjectAsync(request.Id, exclusive: true, cancel);
        if (request.IfVersion is { } version && version != project.Version)
        {
            throw new StaleVersionException();
        }

        var now = clock.GetUtcNow();
        var before = mapper.Map<ProjectDto>(project);
        var living = await db.Resources.Where(r => r.ProjectId == project.Id && r.Status != ResourceStatus.Deleted).ToListAsync(cancel);
        if (living.Count > 0 && !request.Cascade)
        {
            throw new ConflictException("project_not_empty", $"The project still holds {living.Count} resource(s). Delete them first, or use cascade=true.");
        }

        if (!request.Cascade)
        {
            await db.EndAsync(project, now, cancel);
            journal.Record("project.deleted", "project", project.Id, project.Id, before);
            await db.SaveChangesAsync(cancel);
            return new ProjectDeletion(before, Job: null);
        }

        project.BeginDelete(now);
        await deletion.BeginAllAsync(living, cancel);
        var job = Job.Create(DeleteProjectJob.JobKind, context.Caller!.Actor, now, new JobTarget(project.Id));
        db.Jobs.Add(job);
        journal.Record("project.deleting", "project", project.Id, project.Id, before);
        await db.SaveChangesAsync(cancel);
        return new ProjectDeletion(actions.Show(mapper.Map<ProjectDto>(project)), mapper.Map<JobDto>(job));
    }, cancellationToken);
}
