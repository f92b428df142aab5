using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Users;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Directories;

/// <summary>The user whom a provider vouches for, found by issuer and subject alone, and what its groups give.</summary>
internal sealed class ProviderUsers(IWombatDbContext db, IOpenIdProvider provider, GroupMembers members, Journal journal, AutoMapper.IMapper mapper, TimeProvider clock)
{
    /// <summary>What the source of members is called whose roles the provider's groups gave.</summary>
    public const string Source = "oidc";

    /// <summary>Finds or makes the user, inside the caller's transaction; nothing is saved yet.</summary>
    /// <exception cref="UnauthenticatedException">Unknown here, or deactivated.</exception>
    public async Task<User> FindAsync(Vouched vouched, CancellationToken cancel)
    {
        var user = await FindKnownAsync(vouched, cancel) ?? await CreateAsync(vouched, cancel);
        return user.Active ? user : throw new UnauthenticatedException("This account is deactivated.", $"{user.Login}, whom the provider vouches for, is deactivated");
    }

    /// <summary>The user who is linked to the identity, active or not; null where none is.</summary>
    public Task<User?> FindKnownAsync(Vouched vouched, CancellationToken cancel) =>
        db.Users.SingleOrDefaultAsync(u => db.Identities.Any(i => i.Issuer == vouched.Issuer && i.Subject == vouched.Subject && i.UserId == u.Id), cancel);

    /// <summary>Gives and takes what the groups say; saves.</summary>
    public async Task GrantAsync(User user, Vouched vouched, CancellationToken cancel)
    {
        var grants = provider.Mappings.Of(vouched.Groups);
        var role = grants.IsAdmin ? PlatformRole.Admin : PlatformRole.None;
        if (provider.Mappings.DecideAdmins && user.PlatformRole != role)
        {
            var before = mapper.Map<UserDto>(user);
            user.Update(new UserProfile(user.Email, user.FullName, role, user.Active), clock.GetUtcNow());
            journal.Record("user.updated", "user", user.Id, projectId: null, before, mapper.Map<UserDto>(user));
        }

        await db.SaveChangesAsync(cancel);
        await members.ApplyAsync(provider.Mappings, [KeyValuePair.Create(user.Id, grants)], Source, only: user.Id, cancel);
    }

    private async Task<User> CreateAsync(Vouched vouched, CancellationToken cancel)
    {
        var login = vouched.Login?.ToLowerInvariant() ?? "";
        if (!provider.CreatesUsers || !User.IsLogin(login))
        {
            throw new UnauthenticatedException("Wombat does not know this account. An admin links it to a user.", $"{vouched.Issuer} vouches for {vouched.Subject}, who is nobody here");
        }

        if (await db.Users.AnyAsync(u => u.Login == login, cancel))
        {
            throw new UnauthenticatedException($"A user {login} exists, but is not linked to this account. An admin links them.", $"{vouched.Issuer} vouches for {vouched.Subject}, whose login {login} is another's");
        }

        var profile = new UserProfile(vouched.Email, vouched.FullName ?? "", PlatformRole.None, Active: true);
        if (!new UserProfileValidator().Validate(profile).IsValid)
        {
            profile = new UserProfile(Email: null, "", PlatformRole.None, Active: true);
        }

        var user = User.Create(login, profile, clock.GetUtcNow());
        db.Users.Add(user);
        db.Identities.Add(ExternalIdentity.Create(vouched.Issuer, vouched.Subject, user.Id, clock.GetUtcNow()));
        journal.Record("user.created", "user", user.Id, projectId: null, after: mapper.Map<UserDto>(user));
        return user;
    }
}
