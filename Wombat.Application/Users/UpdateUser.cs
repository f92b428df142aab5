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
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Members;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <summary>Changes a user: PUT with every field, PATCH with some. A user who is deactivated loses every session and token at once.</summary>
/// <param name="Login">Cannot be changed: null, or the present one.</param>
/// <param name="IfMatch">The versions that the caller expects; null for any.</param>
[RequirePermission(Permission.UserManage)]
public sealed record UpdateUser(Guid Id, string? Login, UserChanges Changes, ExpectedVersions? IfMatch) : IRequest<UserDto>;

internal sealed class UpdateUserValidator : AbstractValidator<UpdateUser>
{
    // An absent field keeps a value that was valid when it was set.
    public UpdateUserValidator() =>
        RuleFor(m => m.Changes.ApplyTo(UserProfile.Default)).SetValidator(new UserProfileValidator()).OverridePropertyName("Details");
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
        db.InTransactionAsync(cancel => UpdateAsync(request, cancel), cancellationToken);

    private async Task<UserDto> UpdateAsync(UpdateUser request, CancellationToken cancel)
    {
        var user = await db.Users.SingleOrDefaultAsync(u => u.Id == request.Id, cancel) ?? throw new NotFoundException("user");
        request.IfMatch?.Ensure(user.Version);
        if (request.Login is { } login && login != user.Login)
        {
            throw new InvalidInputException("login", "cannot be changed");
        }

        var profile = request.Changes.ApplyTo(user.GetProfile());
        if (user.Id == context.Caller!.UserId && (!profile.Active || profile.PlatformRole != user.PlatformRole))
        {
            throw new ConflictException(
                ErrorCode.OwnAccount,
                "You cannot deactivate your own account or change your own role; ask another admin."
            );
        }

        var before = mapper.Map<UserDto>(user);
        await EnsureReplaceableAsync(user, profile, cancel);

        // Locked before tokens and jobs, in the same order as creating a token or adding a key.
        await db.LockUserAsync(user.Id, cancel);
        var name = await db.NormalizeNameAsync("full_name", profile.FullName, User.FullNameMax, cancel);
        user.Update(profile with { FullName = name }, clock.GetUtcNow());
        var isDeactivated = before.Active && !user.Active;
        if (isDeactivated)
        {
            await credentials.RevokeAllAsync([user.Id], cancel);
        }

        if (before.Active != user.Active)
        {
            await keys.EnqueueUpdatesForUsersAsync([user.Id], cancel);
        }

        var after = mapper.Map<UserDto>(user);
        auditLog.Record(
            isDeactivated ? EventAction.UserDeactivated : EventAction.UserUpdated,
            "user",
            user.Id,
            projectId: null,
            before,
            after
        );
        await db.SaveChangesAsync(cancel);
        return after;
    }

    // Under locks: two admins who deactivate or demote each other at the same time must not both succeed.
    private async Task EnsureReplaceableAsync(User user, UserProfile profile, CancellationToken cancel)
    {
        if (user.Active && !profile.Active && await SoleManagerOfAsync(user.Id, cancel) is { Count: > 0 } projects)
        {
            throw new ConflictException(
                ErrorCode.LastManager,
                $"{user.Login} is the last active manager of {string.Join(", ", projects)}. Make another member a manager there first."
            );
        }

        // The bootstrap admin token remains an admin whatever it changes.
        if (
            user is { Active: true, PlatformRole: PlatformRole.Admin }
            && profile is not { Active: true, PlatformRole: PlatformRole.Admin }
            && context.Caller!.UserId is not null
            && !await admins.ExistBesidesAsync(user.Id, cancel)
        )
        {
            throw new ConflictException(ErrorCode.LastAdmin, "At least one active admin is required. Make another user an admin first.");
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
