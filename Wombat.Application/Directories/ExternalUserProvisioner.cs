using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Users;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Directories;
using Wombat.Domain.Users;

namespace Wombat.Application.Directories;

/// <summary>Finds or creates the user of an external identity, and applies the roles of its groups. Users are found by issuer and subject only.</summary>
internal sealed class ExternalUserProvisioner(
    IWombatDbContext db,
    IOpenIdProvider provider,
    GroupRoleSynchronizer members,
    RemainingAdmins admins,
    AuditLog auditLog,
    AutoMapper.IMapper mapper,
    TimeProvider clock
)
{
    /// <summary>The source of memberships that come from the provider's groups.</summary>
    public const string Source = "oidc";

    /// <summary>Finds or creates the user in the caller's transaction. The caller saves.</summary>
    /// <exception cref="UnauthenticatedException">The user is unknown or deactivated.</exception>
    public async Task<User> FindAsync(OidcSignInResult signIn, CancellationToken cancel)
    {
        var user = await FindKnownAsync(signIn, cancel) ?? await CreateAsync(signIn, cancel);
        return user.Active
            ? user
            : throw new UnauthenticatedException("This account is deactivated.", $"the user {user.Login} of the identity is deactivated");
    }

    /// <summary>The user linked to the identity, active or not; null if there is none.</summary>
    public Task<User?> FindKnownAsync(OidcSignInResult signIn, CancellationToken cancel) =>
        db.Users.SingleOrDefaultAsync(
            u => db.Identities.Any(i => i.Issuer == signIn.Issuer && i.Subject == signIn.Subject && i.UserId == u.Id),
            cancel
        );

    /// <summary>Applies the roles of the groups and saves. If the groups are unknown, roles do not change.</summary>
    public async Task ApplyGroupsAsync(User user, OidcSignInResult signIn, CancellationToken cancel)
    {
        if (signIn.Groups is not { } groups)
        {
            await RecordKeptRolesAsync(user, signIn, cancel);
            return;
        }

        var grants = provider.Mappings.Of(groups);
        var role = grants.IsAdmin ? PlatformRole.Admin : PlatformRole.None;
        if (
            provider.Mappings.DecideAdmins
            && user.PlatformRole != role
            && (role == PlatformRole.Admin || await IsReplaceableAsync(user, cancel))
        )
        {
            var before = mapper.Map<UserDto>(user);
            user.Update(user.GetProfile() with { PlatformRole = role }, clock.GetUtcNow());
            auditLog.Record(EventAction.UserUpdated, "user", user.Id, projectId: null, before, mapper.Map<UserDto>(user));
        }

        await db.SaveChangesAsync(cancel);
        await members.ApplyAsync(provider.Mappings, [KeyValuePair.Create(user.Id, grants)], Source, only: user.Id, cancel);
    }

    // Recorded once a day for users with roles from groups, not at each refresh.
    private async Task RecordKeptRolesAsync(User user, OidcSignInResult signIn, CancellationToken cancel)
    {
        await db.SaveChangesAsync(cancel);
        var since = clock.GetUtcNow() - TimeSpan.FromDays(1);
        var keepsSomething =
            provider.Mappings.DecideAdmins && user.PlatformRole == PlatformRole.Admin
            || await db.Members.AnyAsync(m => m.UserId == user.Id && m.Source == Source, cancel);
        if (
            keepsSomething
            && !await db.Events.AnyAsync(e => e.Action == EventAction.UserRolesKept.Name && e.TargetId == user.Id && e.At > since, cancel)
        )
        {
            auditLog.Record(
                EventAction.UserRolesKept,
                "user",
                user.Id,
                projectId: null,
                after: new KeptRoles(signIn.Incomplete ?? "the provider does not report the user's groups")
            );
            await db.SaveChangesAsync(cancel);
        }
    }

    // Groups do not remove the last admin, just as they do not remove the last manager of a project.
    private async Task<bool> IsReplaceableAsync(User user, CancellationToken cancel) =>
        await admins.ExistBesidesAsync(user.Id, cancel) || await admins.HasFirstAdminTokenAsync(cancel);

    private async Task<User> CreateAsync(OidcSignInResult signIn, CancellationToken cancel)
    {
        var who = $"the identity {signIn.Subject} of {signIn.Issuer}";
        if (!provider.CreatesUsers)
        {
            throw new UnauthenticatedException(
                "This account is not linked to a user. Ask an admin to link it.",
                $"{who} is not linked to a user"
            );
        }

        if (signIn.Login is not { } name)
        {
            throw signIn.Incomplete is { } missing
                ? ExternalSystemException.Unavailable(
                    ErrorCode.ProviderUnavailable,
                    $"The OpenID provider does not report enough about this account: {missing}. Try again later."
                )
                : new UnauthenticatedException(
                    "The OpenID provider reports no login for this account. Ask an admin to link it to a user.",
                    $"{who} has no login and no verified e-mail address"
                );
        }

        var login = User.ToLogin(name);
        if (!User.IsLogin(login))
        {
            throw new UnauthenticatedException(
                $"'{ExternalText.Clean(name)}' is not a valid login. Ask an admin to link this account to a user.",
                $"{who} has the invalid login '{name}'"
            );
        }

        if (await db.Users.AnyAsync(u => u.Login == login, cancel))
        {
            throw new UnauthenticatedException(
                $"A user {login} exists but is not linked to this account. Ask an admin to link them.",
                $"{who} has the login {login} of another user"
            );
        }

        var profile = ExternalProfile.Clean(
            new UserProfile(signIn.Email, signIn.FullName ?? "", PlatformRole.None, Active: true),
            _ => { }
        );
        var user = User.Create(login, profile, clock.GetUtcNow());
        db.Users.Add(user);
        db.Identities.Add(ExternalIdentity.Create(signIn.Issuer, signIn.Subject, user.Id, clock.GetUtcNow()));
        auditLog.Record(EventAction.UserCreated, "user", user.Id, projectId: null, after: mapper.Map<UserDto>(user));
        return user;
    }
}
