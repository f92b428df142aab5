using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Application.Users;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Sessions;

/// <summary>Opens a session by a password of Wombat's own.</summary>
[Requires(Permission.SignIn)]
public sealed record SignIn(string? Login, string? Password, string? UserAgent) : IRequest<OpenedSession>;

internal sealed class SignInValidator : AbstractValidator<SignIn>
{
    public SignInValidator()
    {
        RuleFor(m => m.Login).NotEmpty().WithMessage("is required").MaximumLength(User.LoginMax).WithMessage("is too long");
        RuleFor(m => m.Password).NotEmpty().WithMessage("is required").MaximumLength(UserRules.PasswordMax).WithMessage("is too long");
    }
}

internal sealed class SignInHandler(IWombatDbContext db, IPasswords passwords, ISignInAttempts attempts, SessionOpener opener, RequestContext context)
    : IRequestHandler<SignIn, OpenedSession>
{
    public async Task<OpenedSession> Handle(SignIn request, CancellationToken cancellationToken)
    {
        var (login, address) = (request.Login!, context.Address);
        await attempts.BeginAsync(login, address, cancellationToken);
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Login == login, cancellationToken);
        if (!passwords.Verify(user?.PasswordHash, request.Password!) || user is not { Active: true })
        {
            // The audit names only logins that exist: people type passwords into the wrong field.
            throw new UnauthenticatedException("The login or the password is wrong.", user is null ? "sign-in with an unknown login" : user.Active ? $"sign-in as {user.Login} with a wrong password" : $"sign-in as {user.Login}, who is deactivated");
        }

        await attempts.SucceededAsync(login, address, cancellationToken);
        var opened = opener.Open(user, "password", request.UserAgent);
        await db.SaveChangesAsync(cancellationToken);
        return opened;
    }
}
