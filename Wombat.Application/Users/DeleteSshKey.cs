using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Containers;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;

namespace Wombat.Application.Users;

[RequirePermission(Permission.AccountManage)]
public sealed record DeleteSshKey(Guid UserId, Guid KeyId) : IRequest, IUserScoped;

internal sealed class DeleteSshKeyHandler(IWombatDbContext db, IMapper mapper, ProjectSshKeys keys, AuditLog auditLog)
    : IRequestHandler<DeleteSshKey>
{
    public Task<Unit> Handle(DeleteSshKey request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var key =
                    await db.SshKeys.SingleOrDefaultAsync(k => k.Id == request.KeyId && k.UserId == request.UserId, cancel)
                    ?? throw new NotFoundException("ssh_key");
                db.SshKeys.Remove(key);
                auditLog.Record(EventAction.SshKeyDeleted, "user", key.UserId, projectId: null, before: mapper.Map<SshKeyDto>(key));
                await keys.EnqueueUpdatesForUsersAsync([key.UserId], cancel);
                await db.SaveChangesAsync(cancel);
                return Unit.Value;
            },
            cancellationToken
        );
}
