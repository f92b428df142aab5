using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Resources;

namespace Wombat.Application.Commands;

/// <summary>The targets of a workspace's Makefile, as make reads it now.</summary>
[RequirePermission(Permission.WorkspaceRead)]
public sealed record ListTargets(Guid WorkspaceId) : IRequest<TargetsDto>, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Workspace;

    Guid ICommandScoped.ItemId => WorkspaceId;
}

internal sealed class ListTargetsHandler(IWombatDbContext db, IWorkspaceReader reader, HostIdentity here)
    : IRequestHandler<ListTargets, TargetsDto>
{
    public async Task<TargetsDto> Handle(ListTargets request, CancellationToken cancellationToken)
    {
        var workspace =
            await db.Workspaces.AsNoTracking().SingleOrDefaultAsync(w => w.Id == request.WorkspaceId, cancellationToken)
            ?? throw new NotFoundException("workspace");
        return workspace.HostId == here.Id
            ? await reader.ReadTargetsAsync(workspace, cancellationToken)
            : throw new ConflictException(
                ErrorCode.TargetsUnreadable,
                $"The directory is on the machine {workspace.HostName}; this answer comes from {here.Name}."
            );
    }
}
