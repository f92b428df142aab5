using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Containers;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Domain.Projects;
using Wombat.Domain.Users;

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

/// <summary>Removes a member with the SSH keys that the member gave to containers and, unless kept, the project's tokens that the member made.</summary>
[RequirePermission(Permission.MemberManage)]
public sealed record RemoveMember(Guid ProjectId, Guid UserId, bool KeepTokens = false) : IRequest, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

/// <summary>The three changes wait for each other on the project's row: two managers cannot remove one another at once.</summary>
internal sealed class MemberHandlers(IWombatDbContext db, ProjectSshKeys keys, MemberAccess access, AuditLog auditLog, TimeProvider clock)
    : IRequestHandler<AddMember, MemberDto>,
        IRequestHandler<ChangeMember, MemberDto>,
        IRequestHandler<RemoveMember>
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
                    throw new ConflictException("user_inactive", "The user is not active.");
                }

                var member = Member.Create(request.ProjectId, user.Id, request.Role!.Value, clock.GetUtcNow());
                db.Members.Add(member);
                var dto = MemberDto.Of(user, member);
                auditLog.Record("member.added", "user", user.Id, request.ProjectId, after: dto);
                await keys.EnqueueUpdatesAsync([request.ProjectId], cancel);
                await db.SaveChangesAsync(cancel);
                return dto;
            },
            cancellationToken
        );

    public Task<MemberDto> Handle(ChangeMember request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var (member, user) = await FindAsync(request.ProjectId, request.UserId, cancel);
                var before = MemberDto.Of(user, member);
                if (request.Role != ProjectRole.ProjectManager)
                {
                    await EnsureNotLastManagerAsync(member, cancel);
                }

                member.ChangeRole(request.Role!.Value);
                var dto = MemberDto.Of(user, member);
                auditLog.Record("member.role_changed", "user", user.Id, request.ProjectId, before, dto);
                await keys.EnqueueUpdatesAsync([request.ProjectId], cancel);
                await db.SaveChangesAsync(cancel);
                return dto;
            },
            cancellationToken
        );

    public Task<Unit> Handle(RemoveMember request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var (member, user) = await FindAsync(request.ProjectId, request.UserId, cancel);
                await EnsureNotLastManagerAsync(member, cancel);
                db.Members.Remove(member);
                auditLog.Record("member.removed", "user", user.Id, request.ProjectId, before: MemberDto.Of(user, member));
                await keys.EnqueueUpdatesAsync([request.ProjectId], cancel);
                await access.EndAsync(request.ProjectId, [user.Id], request.KeepTokens, cancel);
                await db.SaveChangesAsync(cancel);
                return Unit.Value;
            },
            cancellationToken
        );

    private async Task<(Member Member, User User)> FindAsync(Guid project, Guid userId, CancellationToken cancel)
    {
        await db.LockProjectAsync(project, exclusive: true, cancel);
        var member =
            await db.Members.SingleOrDefaultAsync(m => m.ProjectId == project && m.UserId == userId, cancel)
            ?? throw new NotFoundException("member");
        return (member, await db.Users.AsNoTracking().SingleAsync(u => u.Id == userId, cancel));
    }

    private async Task EnsureNotLastManagerAsync(Member member, CancellationToken cancel)
    {
        if (
            member.Role == ProjectRole.ProjectManager
            && !await db.Members.AnyAsync(
                m =>
                    m.ProjectId == member.ProjectId
                    && m.UserId != member.UserId
                    && m.Role == ProjectRole.ProjectManager
                    && db.Users.Any(u => u.Id == m.UserId && u.Active),
                cancel
            )
        )
        {
            throw new ConflictException("last_manager", "A project keeps at least one active manager. Make someone else a manager first.");
        }
    }
}
