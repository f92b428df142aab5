using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;

namespace Wombat.Application.Projects;

/// <summary>Starts the job that deletes the project. With <paramref name="Cascade"/> its resources are deleted first.</summary>
[RequirePermission(Permission.ProjectDelete)]
public sealed record DeleteProject(Guid Id, bool Cascade, ExpectedVersions? IfMatch) : IRequest<AcceptedProject>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => Id;
}

internal sealed class DeleteProjectHandler(
    IWombatDbContext db,
    IMapper mapper,
    AuditLog auditLog,
    ResourceDeletion deletion,
    ProjectActions actions,
    JobScheduler jobs,
    TimeProvider clock
) : IRequestHandler<DeleteProject, AcceptedProject>
{
    public Task<AcceptedProject> Handle(DeleteProject request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var project = await db.LockProjectAsync(request.Id, exclusive: true, cancel);
                request.IfMatch?.Ensure(project.Version);

                var living = await db
                    .Resources.Where(r => r.ProjectId == project.Id && r.Status != ResourceStatus.Deleted)
                    .ToListAsync(cancel);
                if (living.Count > 0 && !request.Cascade)
                {
                    throw new ConflictException(
                        ErrorCode.ProjectNotEmpty,
                        $"The project still has {living.Count} resource(s). Delete them first or use cascade=true."
                    );
                }

                var before = mapper.Map<ProjectDto>(project);
                project.BeginDelete(clock.GetUtcNow());
                await deletion.BeginAllAsync(living, cancel);
                var job = jobs.Enqueue(DeleteProjectJob.Kind, new JobTarget(project.Id));
                auditLog.Record(EventAction.ProjectDeleting, "project", project.Id, project.Id, before);
                await db.SaveChangesAsync(cancel);
                var answer = mapper.Map<AcceptedProject>(project);
                answer.JobId = job.Id;
                actions.Apply(answer);
                return answer;
            },
            cancellationToken
        );
}
