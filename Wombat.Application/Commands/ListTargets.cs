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

internal sealed class ListTargetsHandler(IWombatDbContext db, IWorkspaceReader reader, GitWorkspaces repositories, HostIdentity here)
    : IRequestHandler<ListTargets, TargetsDto>
{
    public async Task<TargetsDto> Handle(ListTargets request, CancellationToken cancellationToken)
    {
        var workspace =
            await db.Workspaces.AsNoTracking().SingleOrDefaultAsync(w => w.Id == request.WorkspaceId, cancellationToken)
            ?? throw new NotFoundException("workspace");
        if (workspace.HostId != here.Id)
        {
            throw new ConflictException(
                ErrorCode.TargetsUnreadable,
                $"The workspace is on the machine {workspace.HostName}; this answer comes from {here.Name}."
            );
        }

        try
        {
            var access = repositories.AccessTo(workspace);
            var resolved = access is null ? null : await repositories.ResolveAsync(access, cancellationToken);
            return await reader.ReadTargetsAsync(workspace, resolved, cancellationToken);
        }
        catch (GitException e)
        {
            throw new ConflictException(e.Code, e.Message);
        }
    }
}
