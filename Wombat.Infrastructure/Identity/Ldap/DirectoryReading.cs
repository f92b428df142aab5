using System.DirectoryServices.Protocols;
using System.Text.RegularExpressions;
using Wombat.Domain.Common;
using Wombat.Domain.Directories;
using Wombat.Domain.Users;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>Makes people and groups of entries, and tells what of them cannot be used.</summary>
internal sealed partial class DirectoryReading(LdapSearch search, LdapSettings ldap)
{
    // Their schema demands a member: one without has members that Wombat may not read.
    private static readonly string[] NeverEmpty = ["groupOfNames", "groupOfUniqueNames"];

    public string[] UserAttributes => [ldap.Id, ldap.Login, ldap.Email, ldap.FullName];

    /// <exception cref="ExternalSystemException">It shows a part of what there is.</exception>
    public DirectoryContents Read(CancellationToken cancel)
    {
        var users = search.All(ldap.UserBase, ldap.UserFilter, UserAttributes, cancel).ConvertAll(ToUser);
        var entries = search.All(ldap.GroupBase, ldap.GroupFilter, [ldap.GroupName, ldap.Member, "objectClass"], cancel);
        var byLogin = users
            .Where(u => u.Login.Length > 0)
            .DistinctBy(u => User.NormalizeLogin(u.Login), StringComparer.Ordinal)
            .ToDictionary(u => User.NormalizeLogin(u.Login), u => u.Name, StringComparer.Ordinal);
        var groups = entries.ConvertAll(e => new DirectoryGroup(
            DistinguishedName.Normalize(e.DistinguishedName),
            LdapSearch.Value(e, ldap.GroupName) ?? "",
            Members(e, byLogin)
        ));
        return new DirectoryContents(users, groups, [.. Warnings(users, groups)]);
    }

    public DirectoryUser ToUser(SearchResultEntry entry) =>
        new(
            search.Id(entry) ?? "",
            DistinguishedName.Normalize(entry.DistinguishedName),
            entry.DistinguishedName,
            LdapSearch.Value(entry, ldap.Login) ?? "",
            LdapSearch.Value(entry, ldap.Email),
            LdapSearch.Value(entry, ldap.FullName) ?? ""
        );

    private List<string> Members(SearchResultEntry entry, Dictionary<string, string> byLogin)
    {
        var values = search.AllValues(entry, ldap.Member);
        if (
            values.Count == 0
            && LdapSearch.Values(entry, "objectClass").Intersect(NeverEmpty, StringComparer.OrdinalIgnoreCase).Any()
            && !ldap.MembersAreLogins
        )
        {
            throw ExternalSystemException.Unavailable(
                ErrorCode.DirectoryUnavailable,
                $"The LDAP directory {ldap.Server} shows {entry.DistinguishedName} without its members. Wombat's account there must be able to read {ldap.Member} (ldap.attributes.member)."
            );
        }

        return ldap.MembersAreLogins
            ? values.ConvertAll(v => byLogin.GetValueOrDefault(User.NormalizeLogin(v)) ?? v)
            : values.ConvertAll(v => DistinguishedName.Normalize(ldap.MembersAreUniqueNames ? UniqueIdentifier().Replace(v, "") : v));
    }

    // A setting that gives nothing is told: nobody notices a role that was never given.
    private IEnumerable<string> Warnings(List<DirectoryUser> users, List<DirectoryGroup> groups)
    {
        var known = users.Select(u => u.Name).Concat(groups.Select(g => g.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var name in ldap.Mappings.Groups)
        {
            var named = groups
                .Where(g =>
                    name.Equals(g.Name, StringComparison.OrdinalIgnoreCase) || name.Equals(g.ShortName, StringComparison.OrdinalIgnoreCase)
                )
                .ToList();
            if (named.Count == 0)
            {
                yield return $"ldap.roles names the group {name}, which is not found under {ldap.GroupBase} by {ldap.GroupFilter}";
            }

            foreach (var group in named.Where(g => !g.Members.Any(known.Contains)))
            {
                yield return group.Members.Count == 0
                    ? $"the group {name} shows no {ldap.Member} (ldap.attributes.member)"
                    : $"none of the {group.Members.Count} values of {ldap.Member} (ldap.attributes.member) of the group {name} is a person or group that is found; one is {group.Members[0]}";
            }
        }
    }

    // Of the syntax Name and Optional UID (RFC 4517).
    [GeneratedRegex("#'[01]*'B$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex UniqueIdentifier();
}
