using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Containers;

/// <summary>Has it deprovisioned; what it still does is cancelled.</summary>
[RequirePermission(Permission.ContainerDelete)]
public sealed record DeleteContainer(Guid ProjectId, Guid Id, ExpectedVersions? IfMatch) : IRequest<AcceptedContainer>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class DeleteContainerHandler(IWombatDbContext db, IMapper mapper, ResourceDeletion deletion, ContainerActions actions)
    : IRequestHandler<DeleteContainer, AcceptedContainer>
{
    public Task<AcceptedContainer> Handle(DeleteContainer request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var container =
                    await db.Containers.SingleOrDefaultAsync(c => c.Id == request.Id && c.ProjectId == request.ProjectId, cancel)
                    ?? throw new NotFoundException("container");
                var jobs = await deletion.LockAsync([container], cancel);
                request.IfMatch?.Ensure(container.Version);

                var job = deletion.Begin(container, jobs[container.Id]);
                await db.SaveChangesAsync(cancel);
                return AcceptedContainer.Of(container, job, mapper, actions);
            },
            cancellationToken
        );
}
