using Wombat.Application.Users;
using Wombat.Domain.Directories;
using Wombat.Domain.Users;

namespace Wombat.Application.Directories;

/// <summary>What a sync would do to users, computed in memory: nothing is asked, nothing written.</summary>
internal sealed class DirectoryPlan
{
    private readonly Dictionary<string, Grants> grants = new(StringComparer.Ordinal);

    /// <param name="others">Logins of users whom the directory did not make.</param>
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
            if (known.FirstOrDefault(k => k.Login == User.LoginOf(user.Login)) is { } same && seen.Add(same.Subject))
            {
                // It is there, whoever it is: nothing is taken.
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

    /// <summary>Who is left out, or keeps an old login, and why.</summary>
    public List<string> Skipped { get; } = [];

    /// <summary>What the groups give to each entry, by its id.</summary>
    public IReadOnlyDictionary<string, Grants> Grants => grants;

    // The login to have; null where the directory's cannot be had.
    private string? Login(DirectoryUser user, KnownUser? own, HashSet<string> taken)
    {
        var login = User.LoginOf(user.Login);
        if (!User.IsLogin(login))
        {
            Skipped.Add(
                user.Login.Length == 0
                    ? $"{user.Name}: the directory returns no login (ldap.attributes.login)"
                    : $"{user.Name}: '{user.Login}' is not a valid login"
            );
            return Keep(own, taken);
        }

        if (login != own?.Login && taken.Contains(login))
        {
            Skipped.Add($"{user.Name}: the login {login} belongs to another user; an admin can link the two");
            return Keep(own, taken);
        }

        taken.Add(login);
        return login;
    }

    private static string? Keep(KnownUser? own, HashSet<string> taken)
    {
        if (own is not null)
        {
            taken.Add(own.Login);
        }

        return null;
    }

    private void Compare(KnownUser own, DirectoryUser user, string? login, bool? isAdmin)
    {
        // Who was deactivated because the entry had vanished is active again with it; who was deactivated by hand is not.
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

    /// <summary>The names of all groups that a person is in, directly or through other groups, each group under both its names.</summary>
    private static Dictionary<string, List<string>> GroupsByMember(DirectoryContents contents)
    {
        var byName = contents
            .Groups.GroupBy(g => g.Name, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var result = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var group in byName.Values)
        {
            // Groups may hold each other in a circle.
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
