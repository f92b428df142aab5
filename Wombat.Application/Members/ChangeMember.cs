using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Containers;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Members;

namespace Wombat.Application.Members;

/// <summary>Sets a member's role.</summary>
[RequirePermission(Permission.MemberManage)]
public sealed record ChangeMember(Guid ProjectId, Guid UserId, ProjectRole? Role) : IRequest<MemberDto>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class ChangeMemberValidator : AbstractValidator<ChangeMember>
{
    public ChangeMemberValidator() => RuleFor(m => m.Role).NotNull().WithMessage("is required");
}

internal sealed class ChangeMemberHandler(IWombatDbContext db, ProjectSshKeys keys, AuditLog auditLog)
    : IRequestHandler<ChangeMember, MemberDto>
{
    public Task<MemberDto> Handle(ChangeMember request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var (member, user) = await db.LockMemberAsync(request.ProjectId, request.UserId, cancel);
                var before = MemberDto.Of(user, member);
                if (request.Role != ProjectRole.ProjectManager)
                {
                    await db.EnsureNotLastManagerAsync(member, cancel);
                }

                member.ChangeRole(request.Role!.Value);
                var dto = MemberDto.Of(user, member);
                auditLog.Record(EventAction.MemberRoleChanged, "user", user.Id, request.ProjectId, before, dto);
                await keys.EnqueueUpdatesAsync([request.ProjectId], cancel);
                await db.SaveChangesAsync(cancel);
                return dto;
            },
            cancellationToken
        );
}
