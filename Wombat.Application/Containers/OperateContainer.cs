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

namespace Wombat.Application.Containers;

/// <summary>Asks for a start, stop or restart; a job does it.</summary>
[RequirePermission(Permission.ContainerOperate)]
public sealed record OperateContainer(Guid ProjectId, Guid Id, ContainerOperation Operation)
    : IRequest<AcceptedContainer>,
        IIdempotentCommand,
        IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class OperateContainerHandler(
    IWombatDbContext db,
    IMapper mapper,
    AuditLog auditLog,
    ContainerActions actions,
    JobScheduler jobs
) : IRequestHandler<OperateContainer, AcceptedContainer>
{
    public Task<AcceptedContainer> Handle(OperateContainer request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => OperateAsync(request, cancel), cancellationToken);

    private async Task<AcceptedContainer> OperateAsync(OperateContainer request, CancellationToken cancellationToken)
    {
        var container =
            await db.Containers.SingleOrDefaultAsync(c => c.Id == request.Id && c.ProjectId == request.ProjectId, cancellationToken)
            ?? throw new NotFoundException("container");
        await db.LockResourceAsync(container, cancellationToken);
        container.EnsureOperable(FieldNames.Snake(request.Operation.ToString()));
        if (
            await db.Jobs.CountAsync(
                j => j.ResourceId == container.Id && (j.State == JobState.Queued || j.State == JobState.WaitingRetry),
                cancellationToken
            ) >= Job.WaitingOfResourceMax
        )
        {
            throw new ConflictException(
                ErrorCode.TooManyJobs,
                $"At most {Job.WaitingOfResourceMax} jobs of a container wait at once. Wait for them, or cancel some."
            );
        }

        var (kind, action) = request.Operation switch
        {
            ContainerOperation.Start => (ResourceJobKinds.Start, EventAction.OfOperation("container", "start")),
            ContainerOperation.Stop => (ResourceJobKinds.Stop, EventAction.OfOperation("container", "stop")),
            _ => (ResourceJobKinds.Restart, EventAction.OfOperation("container", "restart")),
        };
        var job = jobs.Enqueue(kind, new JobTarget(container.ProjectId, container.Id));
        auditLog.Record<object>(action, "container", container.Id, container.ProjectId);
        await db.SaveChangesAsync(cancellationToken);
        return AcceptedContainer.Of(container, job, mapper, actions);
    }
}
