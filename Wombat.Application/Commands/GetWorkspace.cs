using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

[RequirePermission(Permission.WorkspaceRead)]
public sealed record GetWorkspace(Guid Id) : IRequest<WorkspaceDto>, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Workspace;

    Guid ICommandScoped.ItemId => Id;
}

internal sealed class GetWorkspaceHandler(IWombatDbContext db, IMapper mapper) : IRequestHandler<GetWorkspace, WorkspaceDto>
{
    public async Task<WorkspaceDto> Handle(GetWorkspace request, CancellationToken cancellationToken) =>
        mapper.Map<WorkspaceDto>(
            await db.Workspaces.AsNoTracking().SingleOrDefaultAsync(w => w.Id == request.Id, cancellationToken)
                ?? throw new NotFoundException("workspace")
        );
}
