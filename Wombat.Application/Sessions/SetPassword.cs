using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Users;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Sessions;

/// <summary>Sets a password and ends the user's other sessions.</summary>
/// <param name="CurrentPassword">Required for the own password. An admin needs none to set another user's.</param>
[RequirePermission(Permission.AccountManage)]
public sealed record SetPassword(Guid UserId, string? CurrentPassword, string? NewPassword) : IRequest, IUserScoped;

internal sealed class SetPasswordValidator : AbstractValidator<SetPassword>
{
    public SetPasswordValidator()
    {
        RuleFor(m => m.NewPassword).NotEmpty().WithMessage("is required");
        RuleFor(m => m.CurrentPassword).MaximumLength(UserRules.PasswordMax).WithMessage("is too long");
    }
}

internal sealed class SetPasswordHandler(
    IWombatDbContext db,
    AuditLog auditLog,
    IPasswords passwords,
    ISignInAttempts attempts,
    UserCredentials credentials,
    RequestContext context,
    TimeProvider clock
) : IRequestHandler<SetPassword>
{
    public async Task<Unit> Handle(SetPassword request, CancellationToken cancellationToken)
    {
        var user =
            await db.Users.SingleOrDefaultAsync(u => u.Id == request.UserId, cancellationToken) ?? throw new NotFoundException("user");
        var caller = context.Caller!;
        if (user.PasswordHash is null && !caller.IsAdmin)
        {
            // A leaked token of a user who signs in elsewhere must not be able to set a password.
            throw new ForbiddenException(ErrorCode.FirstPassword, "Only an admin can set a user's first password.");
        }

        if (user.PasswordHash is not null && (caller.UserId == user.Id || !caller.IsAdmin))
        {
            await EnsureCurrentPasswordAsync(user, request.CurrentPassword ?? "", cancellationToken);
        }

        user.SetPassword(passwords.HashNew("new_password", request.NewPassword!, user.Login, user.GetProfile()), clock.GetUtcNow());
        await credentials.EndSessionsAsync(
            db.Sessions.Where(s => s.UserId == user.Id && s.Id != caller.CredentialId),
            "the password was changed",
            cancellationToken
        );
        auditLog.Record<object>(EventAction.UserPasswordSet, "user", user.Id, projectId: null);
        await db.SaveChangesAsync(cancellationToken);
        return Unit.Value;
    }

    // A stolen session must not guess the password here: the limits of sign-in apply.
    private async Task EnsureCurrentPasswordAsync(User user, string password, CancellationToken cancel)
    {
        var account = user.Id.ToString();
        var attempt = await attempts.BeginAsync(account, new SignInOrigin(context.Address, Device: null), cancel);
        if (!passwords.Verify(user.PasswordHash, password))
        {
            throw new InvalidInputException("current_password", "is not the current password") { IsRefusal = true };
        }

        await attempts.SucceededAsync(attempt, account, cancel);
    }
}
