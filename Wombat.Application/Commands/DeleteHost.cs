using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>Removes a host that no command and no other host uses from Wombat, with its key. The runs on it stay.</summary>
[RequirePermission(Permission.HostManage)]
public sealed record DeleteHost(Guid Id) : IRequest;

internal sealed class DeleteHostHandler(IWombatDbContext db, JumpHosts jumpHosts, AuditLog auditLog) : IRequestHandler<DeleteHost>
{
    public Task<Unit> Handle(DeleteHost request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var host = await db.LockSshHostAsync(request.Id, exclusive: true, cancel) ?? throw new NotFoundException("host");
                var text = request.Id.ToString();
                var user = await db
                    .Commands.Where(c => c.ProjectId == host.ProjectId && JsonColumn.Text(c.Spec, "host_ids")!.Contains(text))
                    .Select(c => c.Name)
                    .FirstOrDefaultAsync(cancel);
                if (user is not null)
                {
                    throw new ConflictException(ErrorCode.HostInUse, $"The command {user} uses the host; remove it there first.");
                }

                if (await jumpHosts.UsersOfAsync(host.Id, cancel) is { } users)
                {
                    throw new ConflictException(ErrorCode.HostInUse, $"It is the jump host of {users}; change them first.");
                }

                db.SshHosts.Remove(host);
                auditLog.Record<object>(EventAction.HostDeleted, "host", host.Id, host.ProjectId, before: HostDto.Of(host));
                await db.SaveChangesAsync(cancel);
                return Unit.Value;
            },
            cancellationToken
        );
}
