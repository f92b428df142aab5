using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>Removes a workspace that no command uses from Wombat. Its files stay.</summary>
[RequirePermission(Permission.WorkspaceManage)]
public sealed record DeleteWorkspace(Guid Id) : IRequest;

internal sealed class DeleteWorkspaceHandler(IWombatDbContext db, IMapper mapper, AuditLog auditLog) : IRequestHandler<DeleteWorkspace>
{
    public Task<Unit> Handle(DeleteWorkspace request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var workspace =
                    await db.LockWorkspaceAsync(request.Id, exclusive: true, cancel) ?? throw new NotFoundException("workspace");
                var text = request.Id.ToString();
                var user = await db
                    .Commands.Where(c => JsonColumn.Text(c.Spec, "workspace_id") == text)
                    .Select(c => c.Name)
                    .FirstOrDefaultAsync(cancel);
                if (user is not null)
                {
                    throw new ConflictException(ErrorCode.WorkspaceInUse, $"The command {user} uses the workspace; delete it first.");
                }

                db.Workspaces.Remove(workspace);
                auditLog.Record(
                    EventAction.WorkspaceDeleted,
                    "workspace",
                    workspace.Id,
                    workspace.ProjectId,
                    before: mapper.Map<WorkspaceDto>(workspace)
                );
                await db.SaveChangesAsync(cancel);
                return Unit.Value;
            },
            cancellationToken
        );
}
