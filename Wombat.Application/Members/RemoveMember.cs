using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Containers;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;

namespace Wombat.Application.Members;

/// <summary>Removes a member, the SSH keys that the member gave to containers, and (unless kept) the project tokens that the member created.</summary>
[RequirePermission(Permission.MemberManage)]
public sealed record RemoveMember(Guid ProjectId, Guid UserId, bool KeepTokens = false) : IRequest, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class RemoveMemberHandler(IWombatDbContext db, ProjectSshKeys keys, MemberAccess access, AuditLog auditLog)
    : IRequestHandler<RemoveMember>
{
    public Task<Unit> Handle(RemoveMember request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var (member, user) = await db.LockMemberAsync(request.ProjectId, request.UserId, cancel);
                await db.EnsureNotLastManagerAsync(member, cancel);
                db.Members.Remove(member);
                auditLog.Record(EventAction.MemberRemoved, "user", user.Id, request.ProjectId, before: MemberDto.Of(user, member));
                await keys.EnqueueUpdatesAsync([request.ProjectId], cancel);
                await access.EndAsync(request.ProjectId, [user.Id], request.KeepTokens, cancel);
                await db.SaveChangesAsync(cancel);
                return Unit.Value;
            },
            cancellationToken
        );
}
