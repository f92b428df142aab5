using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Application.Users;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Directories;
using Wombat.Domain.Users;

namespace Wombat.Application.Sessions;

/// <summary>Opens a session by a password of Wombat or of the LDAP directory.</summary>
/// <param name="Device">The secret from the browser's device cookie, if any.</param>
[RequirePermission(Permission.SignIn)]
public sealed record SignIn(string? Login, string? Password, string? UserAgent, string? Device) : IRequest<OpenedSession>;

internal sealed class SignInValidator : AbstractValidator<SignIn>
{
    public SignInValidator()
    {
        // As long as an e-mail address, which a directory may use as login.
        RuleFor(m => m.Login).NotEmpty().WithMessage("is required").MaximumLength(User.EmailMax).WithMessage("is too long").PlainText();
        RuleFor(m => m.Password).NotEmpty().WithMessage("is required").MaximumLength(UserRules.PasswordMax).WithMessage("is too long");
    }
}

internal sealed class SignInHandler(
    IWombatDbContext db,
    IPasswords passwords,
    IDirectory directory,
    ISignInAttempts attempts,
    SessionOpener opener,
    RequestContext context
) : IRequestHandler<SignIn, OpenedSession>
{
    public async Task<OpenedSession> Handle(SignIn request, CancellationToken cancellationToken)
    {
        var login = User.NormalizeLogin(request.Login!);
        var named = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Login == login, cancellationToken);
        var attempt = await attempts.BeginAsync(
            named is null ? login : Account(named),
            new SignInOrigin(context.Address, request.Device),
            cancellationToken
        );

        // Verified for every login, so that response times do not reveal who has a password here.
        var byPassword = passwords.Verify(named?.PasswordHash, request.Password!);
        var user = named;
        if (!byPassword)
        {
            (user, attempt) = await FindInDirectoryAsync(login, named, request.Password!, attempt, cancellationToken);
        }

        if (user is not { Active: true })
        {
            // The audit log contains only existing logins, because users sometimes type a password into the login field.
            var reason =
                user is not null ? $"sign-in as the deactivated user {user.Login}"
                : named is null ? "sign-in with an unknown login"
                : $"sign-in as {named.Login} with a wrong password";
            throw new UnauthenticatedException("The login or the password is wrong.", reason);
        }

        await attempts.SucceededAsync(attempt, Account(user), cancellationToken);
        var opened = opener.Open(user, byPassword ? "password" : ExternalIdentity.Ldap, request.UserAgent);
        await db.SaveChangesAsync(cancellationToken);
        return opened;
    }

    private static string Account(User user) => user.Id.ToString();

    // The entry's id identifies the user; its login may have belonged to another user before. The directory is also queried for
    // users with a password in Wombat (without sending the password), so that the response time does not reveal which logins exist.
    private async Task<(User? User, SignInAttempt Attempt)> FindInDirectoryAsync(
        string login,
        User? named,
        string password,
        SignInAttempt attempt,
        CancellationToken cancel
    )
    {
        if (!directory.IsConfigured)
        {
            return (null, attempt);
        }

        try
        {
            var entry = await directory.FindAsync(login, await FindDirectoryIdAsync(named, cancel), cancel);
            var user = entry is null
                ? null
                : await db
                    .Users.AsNoTracking()
                    .SingleOrDefaultAsync(
                        u => db.Identities.Any(i => i.Issuer == ExternalIdentity.Ldap && i.Subject == entry.Id && i.UserId == u.Id),
                        cancel
                    );
            if (user is not null && user.Id != named?.Id)
            {
                attempt = await attempts.AddAccountAsync(attempt, Account(user), cancel);
            }

            var byDirectory =
                user is { PasswordHash: null } && named?.PasswordHash is null && await directory.BindAsync(entry!, password, cancel);
            return (byDirectory ? user : null, attempt);
        }
        catch (ExternalSystemException) when (named?.PasswordHash is null)
        {
            // The password was not checked: an unavailable directory must not lock users out.
            await attempts.UndoAsync(attempt, cancel);
            throw;
        }
    }

    // Finds users whose login in the directory differs from the one here.
    private async Task<string?> FindDirectoryIdAsync(User? named, CancellationToken cancel) =>
        named is null
            ? null
            : await db
                .Identities.AsNoTracking()
                .Where(i => i.Issuer == ExternalIdentity.Ldap && i.UserId == named.Id)
                .Select(i => i.Subject)
                .FirstOrDefaultAsync(cancel);
}
