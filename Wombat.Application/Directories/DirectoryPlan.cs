using Wombat.Application.Users;
using Wombat.Domain.Directories;
using Wombat.Domain.Users;

namespace Wombat.Application.Directories;

/// <summary>The changes that a synchronization makes to users, computed in memory without queries or writes.</summary>
internal sealed class DirectoryPlan
{
    private readonly Dictionary<string, Grants> grants = new(StringComparer.Ordinal);

    /// <param name="others">Logins of users that do not come from the directory.</param>
    public DirectoryPlan(
        DirectoryContents contents,
        IReadOnlyCollection<KnownUser> known,
        IReadOnlySet<string> others,
        RoleMappings mappings
    )
    {
        var bySubject = known.ToDictionary(k => k.Subject, StringComparer.Ordinal);
        var groups = GroupsByMember(contents);
        var listed = contents.Users.Select(u => u.Id).ToHashSet(StringComparer.Ordinal);
        var taken = others.Concat(known.Where(k => !listed.Contains(k.Subject)).Select(k => k.Login)).ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var user in contents.Users.Where(u => u.Id.Length == 0))
        {
            Skipped.Add($"{user.Name}: the directory returns no id (ldap.attributes.id)");
            if (known.FirstOrDefault(k => k.Login == User.ToLogin(user.Login)) is { } same && seen.Add(same.Subject))
            {
                // The entry exists, so its user must not be deactivated.
                grants[same.Subject] = mappings.Of(groups.GetValueOrDefault(user.Name) ?? []);
            }
        }

        foreach (var user in contents.Users.Where(u => u.Id.Length > 0).OrderBy(u => bySubject.ContainsKey(u.Id) ? 0 : 1))
        {
            if (!seen.Add(user.Id))
            {
                continue;
            }

            if (!ExternalIdentity.IsSubject(user.Id))
            {
                Skipped.Add($"{user.Name}: the id is not valid");
                continue;
            }

            var given = grants[user.Id] = mappings.Of(groups.GetValueOrDefault(user.Name) ?? []);
            var own = bySubject.GetValueOrDefault(user.Id);
            var login = Login(user, own, taken);
            if (own is not null)
            {
                Compare(own, user, login, mappings.DecideAdmins ? given.IsAdmin : null);
            }
            else if (login is not null)
            {
                Created.Add(
                    (
                        user,
                        login,
                        Profile(user, mappings.DecideAdmins && given.IsAdmin ? PlatformRole.Admin : PlatformRole.None, active: true)
                    )
                );
            }
        }

        Vanished = [.. known.Where(k => k.Profile.Active && !seen.Contains(k.Subject))];
    }

    public List<(DirectoryUser User, string Login, UserProfile Profile)> Created { get; } = [];

    public List<ChangedUser> Changed { get; } = [];

    public IReadOnlyList<KnownUser> Vanished { get; }

    /// <summary>Entries that are skipped or keep their old login, with the reason.</summary>
    public List<string> Skipped { get; } = [];

    /// <summary>The roles from groups, by entry id.</summary>
    public IReadOnlyDictionary<string, Grants> Grants => grants;

    // Returns the new login; null if the directory's login cannot be used.
    private string? Login(DirectoryUser user, KnownUser? own, HashSet<string> taken)
    {
        var login = User.ToLogin(user.Login);
        if (!User.IsLogin(login))
        {
            Skipped.Add(
                user.Login.Length == 0
                    ? $"{user.Name}: the directory returns no login (ldap.attributes.login)"
                    : $"{user.Name}: '{user.Login}' is not a valid login"
            );
            return KeepLogin(own, taken);
        }

        if (login != own?.Login && taken.Contains(login))
        {
            Skipped.Add($"{user.Name}: the login {login} belongs to another user; an admin can link the two");
            return KeepLogin(own, taken);
        }

        taken.Add(login);
        return login;
    }

    private static string? KeepLogin(KnownUser? own, HashSet<string> taken)
    {
        if (own is not null)
        {
            taken.Add(own.Login);
        }

        return null;
    }

    private void Compare(KnownUser own, DirectoryUser user, string? login, bool? isAdmin)
    {
        // A user who was deactivated because the entry vanished is reactivated; a user who was deactivated by an admin is not.
        var role = isAdmin switch
        {
            true => PlatformRole.Admin,
            false => PlatformRole.None,
            null => own.Profile.PlatformRole,
        };
        var profile = Profile(user, role, own.Profile.Active || own.VanishedAt is not null);
        var renamed = login is not null && login != own.Login ? login : null;
        if (profile != own.Profile || renamed is not null || own.VanishedAt is not null)
        {
            Changed.Add(new ChangedUser(own, renamed, profile));
        }
    }

    private UserProfile Profile(DirectoryUser user, PlatformRole role, bool active) =>
        ExternalProfile.Clean(new UserProfile(user.Email, user.FullName, role, active), problem => Skipped.Add($"{user.Name}: {problem}"));

    /// <summary>The names of all groups of an entry, direct and nested. Each group is listed under both of its names.</summary>
    private static Dictionary<string, List<string>> GroupsByMember(DirectoryContents contents)
    {
        var byName = contents
            .Groups.GroupBy(g => g.Name, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var result = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var group in byName.Values)
        {
            // Groups can contain each other in a cycle.
            var inside = new HashSet<string>(StringComparer.Ordinal) { group.Name };
            var open = new Stack<DirectoryGroup>([group]);
            while (open.TryPop(out var next))
            {
                foreach (var member in next.Members.Where(inside.Add))
                {
                    if (byName.TryGetValue(member, out var nested))
                    {
                        open.Push(nested);
                    }
                    else if (result.TryGetValue(member, out var groups))
                    {
                        groups.AddRange([group.Name, group.ShortName]);
                    }
                    else
                    {
                        result[member] = [group.Name, group.ShortName];
                    }
                }
            }
        }

        return result;
    }
}
