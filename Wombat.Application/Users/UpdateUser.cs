using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Containers;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Members;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <summary>Changes a user. One who is no longer active loses every session and token at once; history stays.</summary>
/// <param name="Login">Immutable: null, or as it is.</param>
/// <param name="IfMatch">The versions that the caller has seen; null to change whatever is there.</param>
[RequirePermission(Permission.UserManage)]
public sealed record UpdateUser(Guid Id, string? Login, UserProfile Details, ExpectedVersions? IfMatch) : IRequest<UserDto>;

internal sealed class UpdateUserValidator : AbstractValidator<UpdateUser>
{
    public UpdateUserValidator() => RuleFor(m => m.Details).SetValidator(new UserProfileValidator());
}

internal sealed class UpdateUserHandler(
    IWombatDbContext db,
    IMapper mapper,
    ProjectSshKeys keys,
    UserCredentials credentials,
    RemainingAdmins admins,
    AuditLog auditLog,
    RequestContext context,
    TimeProvider clock
) : IRequestHandler<UpdateUser, UserDto>
{
    private const int NamedProjects = 10;

    public Task<UserDto> Handle(UpdateUser request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var user = await db.Users.SingleOrDefaultAsync(u => u.Id == request.Id, cancel) ?? throw new NotFoundException("user");
                request.IfMatch?.Ensure(user.Version);

                if (request.Login is { } login && login != user.Login)
                {
                    throw new InvalidInputException("login", "cannot be changed");
                }

                if (user.Id == context.Caller!.UserId && (!request.Details.Active || request.Details.PlatformRole != user.PlatformRole))
                {
                    throw new ConflictException("own_account", "Nobody takes away their own account or role; another admin can.");
                }

                var before = mapper.Map<UserDto>(user);
                await EnsureReplaceableAsync(user, request.Details, cancel);

                // Before tokens and jobs, in the order of those who create a token or add a key.
                await db.LockUserAsync(user.Id, cancel);
                var name = await db.NormalizeNameAsync("full_name", request.Details.FullName, User.FullNameMax, cancel);
                user.Update(request.Details with { FullName = name }, clock.GetUtcNow());
                if (before.Active && !user.Active)
                {
                    await credentials.VoidAsync([user.Id], cancel);
                }

                if (before.Active != user.Active)
                {
                    await keys.ChangedForAsync([user.Id], cancel);
                }

                var after = mapper.Map<UserDto>(user);
                auditLog.Record(
                    before.Active && !user.Active ? "user.deactivated" : "user.updated",
                    "user",
                    user.Id,
                    projectId: null,
                    before,
                    after
                );
                await db.SaveChangesAsync(cancel);
                return after;
            },
            cancellationToken
        );

    // Locks first: two who take each other's account or role away at once must not both succeed.
    private async Task EnsureReplaceableAsync(User user, UserProfile wanted, CancellationToken cancel)
    {
        if (user.Active && !wanted.Active && await SoleManagerOfAsync(user.Id, cancel) is { Count: > 0 } projects)
        {
            throw new ConflictException(
                "last_manager",
                $"{user.Login} is the last active manager of {string.Join(", ", projects)}. Make someone else a manager there first."
            );
        }

        // The token of the first start stays an admin, whatever it does to users.
        if (
            user is { Active: true, PlatformRole: PlatformRole.Admin }
            && wanted is not { Active: true, PlatformRole: PlatformRole.Admin }
            && context.Caller!.UserId is not null
            && !await admins.AreThereWithoutAsync(user.Id, cancel)
        )
        {
            throw new ConflictException("last_admin", "At least one active admin must remain. Make someone else an admin first.");
        }
    }

    private async Task<IReadOnlyList<string>> SoleManagerOfAsync(Guid user, CancellationToken cancel)
    {
        var managed = await db
            .Members.AsNoTracking()
            .Where(m => m.UserId == user && m.Role == ProjectRole.ProjectManager)
            .OrderBy(m => m.ProjectId)
            .Select(m => m.ProjectId)
            .ToListAsync(cancel);
        foreach (var project in managed)
        {
            await db.LockProjectAsync(project, exclusive: true, cancel);
        }

        return await db
            .Projects.AsNoTracking()
            .Where(p =>
                managed.Contains(p.Id)
                && !db.Members.Any(m =>
                    m.ProjectId == p.Id
                    && m.UserId != user
                    && m.Role == ProjectRole.ProjectManager
                    && db.Users.Any(u => u.Id == m.UserId && u.Active)
                )
            )
            .OrderBy(p => p.UnixName)
            .Select(p => p.UnixName)
            .Take(NamedProjects)
            .ToListAsync(cancel);
    }
}
