using System.DirectoryServices.Protocols;
using System.Text;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>Searches over one connection, and reads what they find. The library blocks.</summary>
internal sealed class LdapSearch(LdapConnection connection, LdapSettings ldap)
{
    // What servers answer to the control where they do not know or allow it, or not with so large a page.
    private static readonly ResultCode?[] RefusesPages =
    [
        ResultCode.UnavailableCriticalExtension,
        ResultCode.UnwillingToPerform,
        ResultCode.AdminLimitExceeded,
    ];

    /// <summary>All entries, page by page; in one piece from servers that refuse pages.</summary>
    public List<SearchResultEntry> All(string root, string filter, string[] attributes, CancellationToken cancel)
    {
        var refusal = "";
        if (ldap.PageSize > 0)
        {
            try
            {
                return Paged(root, filter, attributes, cancel);
            }
            catch (DirectoryOperationException e) when (RefusesPages.Contains(e.Response?.ResultCode))
            {
                refusal = $", nor pages of {ldap.PageSize} (ldap.page_size): {e.Message}";
            }
        }

        try
        {
            return Few(root, filter, attributes);
        }
        catch (DirectoryOperationException e)
        {
            throw ExternalSystemException.Unavailable(
                ErrorCode.DirectoryUnavailable,
                $"The LDAP directory {ldap.Server} does not give all entries under {root} at once: {e.Message}{refusal}"
            );
        }
    }

    /// <summary>What a search for one entry finds, which needs no pages.</summary>
    public List<SearchResultEntry> Few(string root, string filter, string[] attributes) =>
        [
            .. (
                (SearchResponse)connection.SendRequest(new SearchRequest(root, filter, SearchScope.Subtree, attributes), ldap.Timeout)
            ).Entries.Cast<SearchResultEntry>(),
        ];

    /// <summary>The attribute's values. Active Directory hands out a long group a range at a time: member;range=0-1499, and the last member;range=1500-*.</summary>
    public List<string> AllValues(SearchResultEntry entry, string attribute)
    {
        var (values, had) = (Values(entry, attribute), 0);
        while (ValueRange.Of(entry.Attributes.AttributeNames.Cast<string>(), attribute) is { } range)
        {
            values.AddRange(Values(entry, range.Name));
            if (range.Next is not { } next)
            {
                break;
            }

            var request = new SearchRequest(entry.DistinguishedName, "(objectClass=*)", SearchScope.Base, $"{attribute};range={next}-*");
            entry =
                next > had && ((SearchResponse)connection.SendRequest(request, ldap.Timeout)).Entries is { Count: 1 } found
                    ? found[0]
                    : throw ExternalSystemException.Unavailable(
                        ErrorCode.DirectoryUnavailable,
                        $"The LDAP directory {ldap.Server} shows only a part of {entry.DistinguishedName}."
                    );
            had = next;
        }

        return values;
    }

    /// <summary>The filter for the entry with this id.</summary>
    public string ById(string id) =>
        IsObjectGuid && Guid.TryParse(id, out var guid)
            ? $"({ldap.Id}={string.Concat(guid.ToByteArray().Select(b => $"\\{b:x2}"))})"
            : $"({ldap.Id}={Escape(id)})";

    /// <summary>The entry's id. Active Directory's objectGUID is 16 bytes, where others write text.</summary>
    public string? Id(SearchResultEntry entry) =>
        IsObjectGuid
            ? entry.Attributes[ldap.Id]?.GetValues(typeof(byte[])) is [byte[] { Length: 16 } bytes, ..]
                ? new Guid(bytes).ToString()
                : null
            : Value(entry, ldap.Id);

    public static string? Value(SearchResultEntry entry, string attribute) =>
        Values(entry, attribute) is [var first, ..] && first.Length > 0 ? first : null;

    public static List<string> Values(SearchResultEntry entry, string attribute) =>
        entry.Attributes[attribute]?.GetValues(typeof(string)) is { } values ? [.. values.Cast<string>()] : [];

    /// <summary>RFC 4515: what would end or widen the filter is written as its code.</summary>
    public static string Escape(string value)
    {
        var result = new StringBuilder(value.Length);
        foreach (var b in Encoding.UTF8.GetBytes(value))
        {
            _ = b is (byte)'*' or (byte)'(' or (byte)')' or (byte)'\\' or 0 or > 127
                ? result.Append('\\').Append(b.ToString("x2"))
                : result.Append((char)b);
        }

        return result.ToString();
    }

    private bool IsObjectGuid => ldap.Id.Equals("objectGUID", StringComparison.OrdinalIgnoreCase);

    private List<SearchResultEntry> Paged(string root, string filter, string[] attributes, CancellationToken cancel)
    {
        var page = new PageResultRequestControl(ldap.PageSize);
        var request = new SearchRequest(root, filter, SearchScope.Subtree, attributes) { Controls = { page } };
        var entries = new List<SearchResultEntry>();
        do
        {
            cancel.ThrowIfCancellationRequested();
            var response = (SearchResponse)connection.SendRequest(request, ldap.Timeout);
            entries.AddRange(response.Entries.Cast<SearchResultEntry>());
            page.Cookie = response.Controls.OfType<PageResultResponseControl>().FirstOrDefault()?.Cookie ?? [];
        } while (page.Cookie.Length > 0);
        return entries;
    }
}
