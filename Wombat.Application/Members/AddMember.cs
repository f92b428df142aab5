using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Containers;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Members;

namespace Wombat.Application.Members;

[RequirePermission(Permission.MemberManage)]
public sealed record AddMember(Guid ProjectId, Guid? UserId, ProjectRole? Role) : IRequest<MemberDto>, IProjectScoped, IIdempotentCommand
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class AddMemberValidator : AbstractValidator<AddMember>
{
    public AddMemberValidator()
    {
        RuleFor(m => m.UserId).NotNull().WithMessage("is required");
        RuleFor(m => m.Role).NotNull().WithMessage("is required");
    }
}

internal sealed class AddMemberHandler(IWombatDbContext db, ProjectSshKeys keys, AuditLog auditLog, TimeProvider clock)
    : IRequestHandler<AddMember, MemberDto>
{
    public Task<MemberDto> Handle(AddMember request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                await db.LockProjectAsync(request.ProjectId, exclusive: true, cancel);
                var user =
                    await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == request.UserId, cancel)
                    ?? throw new InvalidInputException("user_id", "is not a user");
                if (!user.Active)
                {
                    throw new ConflictException(ErrorCode.UserInactive, "The user is not active.");
                }

                var member = Member.Create(request.ProjectId, user.Id, request.Role!.Value, clock.GetUtcNow());
                db.Members.Add(member);
                var dto = MemberDto.Of(user, member);
                auditLog.Record(EventAction.MemberAdded, "user", user.Id, request.ProjectId, after: dto);
                await keys.EnqueueUpdatesAsync([request.ProjectId], cancel);
                await db.SaveChangesAsync(cancel);
                return dto;
            },
            cancellationToken
        );
}
