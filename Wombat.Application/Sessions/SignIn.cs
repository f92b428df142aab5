using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Directories;
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
        RuleFor(m => m.Login).NotEmpty().WithMessage("is required").MaximumLength(User.LoginMax).WithMessage("is too long").PlainText();
        RuleFor(m => m.Password).NotEmpty().WithMessage("is required").MaximumLength(UserRules.PasswordMax).WithMessage("is too long");
    }
}

internal sealed class SignInHandler(IWombatDbContext db, IPasswords passwords, IDirectory directory, ISignInAttempts attempts, SessionOpener opener, RequestContext context)
    : IRequestHandler<SignIn, OpenedSession>
{
    public async Task<OpenedSession> Handle(SignIn request, CancellationToken cancellationToken)
    {
        var (login, address) = (request.Login!, context.Address);
        await attempts.BeginAsync(login, address, cancellationToken);
        var named = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Login == login, cancellationToken);

        // Verified for everybody, so that the time tells nobody who has a password here.
        var byPassword = passwords.Verify(named?.PasswordHash, request.Password!);
        var user = byPassword ? named : await FindInDirectoryAsync(login, address, named?.PasswordHash is null ? request.Password! : "", cancellationToken);
        if (user is not { Active: true })
        {
            // The audit names only logins that exist: people type passwords into the wrong field.
            var reason = user is not null ? $"sign-in as {user.Login}, who is deactivated" : named is null ? "sign-in with an unknown login" : $"sign-in as {named.Login} with a wrong password";
            throw new UnauthenticatedException("The login or the password is wrong.", reason);
        }

        await attempts.SucceededAsync(login, address, cancellationToken);
        var opened = opener.Open(user, byPassword ? "password" : ExternalIdentity.Ldap, request.UserAgent);
        await db.SaveChangesAsync(cancellationToken);
        return opened;
    }

    // The entry's id says who it is; its login may have been another user's yesterday. For who has a password here it is
    // asked too, without telling it what was typed: whether and when it answers must tell nobody whose login is known.
    private async Task<User?> FindInDirectoryAsync(string login, string? address, string password, CancellationToken cancel)
    {
        if (!directory.IsConfigured)
        {
            return null;
        }

        try
        {
            return await directory.BindAsync(login, password, cancel) is { } entry
                ? await db.Users.AsNoTracking().SingleOrDefaultAsync(u => db.Identities.Any(i => i.Issuer == ExternalIdentity.Ldap && i.Subject == entry.Id && i.UserId == u.Id), cancel)
                : null;
        }
        catch (UnavailableException) when (password.Length > 0)
        {
            // Nobody has looked at the password: a directory that is down locks nobody out.
            await attempts.TakeBackAsync(login, address, cancel);
            throw;
        }
    }
}
