using System.DirectoryServices.Protocols;
using System.Text.RegularExpressions;
using Wombat.Domain.Common;
using Wombat.Domain.Directories;
using Wombat.Domain.Users;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>Converts LDAP entries to users and groups, and reports entries and settings that cannot be used.</summary>
internal sealed partial class DirectoryReading(LdapSearch search, LdapSettings ldap)
{
    // Their schema requires a member: if none is visible, Wombat may not read the attribute.
    private static readonly string[] ClassesWithRequiredMember = ["groupOfNames", "groupOfUniqueNames"];

    public string[] UserAttributes => [ldap.Id, ldap.Login, ldap.Email, ldap.FullName];

    /// <exception cref="ExternalSystemException">The directory returns only part of its entries.</exception>
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
            && LdapSearch.Values(entry, "objectClass").Intersect(ClassesWithRequiredMember, StringComparer.OrdinalIgnoreCase).Any()
            && !ldap.MembersAreLogins
        )
        {
            throw ExternalSystemException.Unavailable(
                ErrorCode.DirectoryUnavailable,
                $"The LDAP directory {ldap.Server} returns {entry.DistinguishedName} without members. Wombat's account must have read access to the attribute {ldap.Member} (ldap.attributes.member)."
            );
        }

        return ldap.MembersAreLogins
            ? values.ConvertAll(v => byLogin.GetValueOrDefault(User.NormalizeLogin(v)) ?? v)
            : values.ConvertAll(v => DistinguishedName.Normalize(ldap.MembersAreUniqueNames ? UniqueIdentifier().Replace(v, "") : v));
    }

    // A mapping without effect is reported, because nobody notices a role that is never assigned.
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
                yield return $"the group {name} of ldap.roles was not found under {ldap.GroupBase} with the filter {ldap.GroupFilter}";
            }

            foreach (var group in named.Where(g => !g.Members.Any(known.Contains)))
            {
                yield return group.Members.Count == 0
                    ? $"the group {name} has no attribute {ldap.Member} (ldap.attributes.member)"
                    : $"none of the {group.Members.Count} values of {ldap.Member} (ldap.attributes.member) of the group {name} matches a user or group that was found; the first is {group.Members[0]}";
            }
        }
    }

    // The optional part of the syntax Name and Optional UID (RFC 4517).
    [GeneratedRegex("#'[01]*'B$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex UniqueIdentifier();
}
