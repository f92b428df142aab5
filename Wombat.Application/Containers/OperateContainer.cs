using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Application.Resources;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Users;

namespace Wombat.Application.Containers;

/// <summary>Asks for a start, stop or restart; a job does it.</summary>
[Requires(Permission.ContainerOperate)]
public sealed record OperateContainer(Guid ProjectId, Guid Id, ContainerOperation Operation) : IRequest<AcceptedContainer>, ICreates, IInProject
{
    Guid? IInProject.InProject => ProjectId;
}

internal sealed class OperateContainerHandler(IWombatDbContext db, IMapper mapper, Journal journal, Actions actions, RequestContext context, TimeProvider clock)
    : IRequestHandler<OperateContainer, AcceptedContainer>
{
    public async Task<AcceptedContainer> Handle(OperateContainer request, CancellationToken cancellationToken)
    {
        var container = await db.Containers.SingleOrDefaultAsync(c => c.Id == request.Id && c.ProjectId == request.ProjectId, cancellationToken) ?? throw new NotFoundException("container");
        container.EnsureOperable();
        var (kind, action) = request.Operation switch
        {
            ContainerOperation.Start => (ResourceJobKinds.Start, "container.start_requested"),
            ContainerOperation.Stop => (ResourceJobKinds.Stop, "container.stop_requested"),
            _ => (ResourceJobKinds.Restart, "container.restart_requested"),
        };
        var job = Job.Create(kind, context.Caller!.Actor, clock.GetUtcNow(), new JobTarget(container.ProjectId, container.Id));
        db.Jobs.Add(job);
        journal.Record<object>(action, "container", container.Id, container.ProjectId);
        await db.SaveChangesAsync(cancellationToken);
        return AcceptedContainer.Of(container, job, mapper, actions);
    }
}
