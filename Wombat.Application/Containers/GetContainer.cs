using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Containers;

[RequirePermission(Permission.ContainerRead)]
public sealed record GetContainer(Guid ProjectId, Guid Id) : IRequest<ContainerDto>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class GetContainerHandler(IWombatDbContext db, IMapper mapper, ContainerActions actions)
    : IRequestHandler<GetContainer, ContainerDto>
{
    public async Task<ContainerDto> Handle(GetContainer request, CancellationToken cancellationToken) =>
        actions.Apply(
            mapper.Map<ContainerDto>(
                await db
                    .Containers.AsNoTracking()
                    .SingleOrDefaultAsync(c => c.Id == request.Id && c.ProjectId == request.ProjectId, cancellationToken)
                    ?? throw new NotFoundException("container")
            )
        );
}
