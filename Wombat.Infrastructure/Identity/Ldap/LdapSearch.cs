using System.DirectoryServices.Protocols;
using System.Text;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>Runs searches on one connection and reads the entries. All methods are synchronous.</summary>
internal sealed class LdapSearch(LdapConnection connection, LdapSettings ldap)
{
    // The results of servers that do not support or allow paging, or not with this page size.
    private static readonly ResultCode?[] PagingRefused =
    [
        ResultCode.UnavailableCriticalExtension,
        ResultCode.UnwillingToPerform,
        ResultCode.AdminLimitExceeded,
    ];

    /// <summary>Returns all entries page by page, or at once from servers that refuse paging.</summary>
    public List<SearchResultEntry> All(string root, string filter, string[] attributes, CancellationToken cancel)
    {
        var refusal = "";
        if (ldap.PageSize > 0)
        {
            try
            {
                return Paged(root, filter, attributes, cancel);
            }
            catch (DirectoryOperationException e) when (PagingRefused.Contains(e.Response?.ResultCode))
            {
                refusal = $"; it also refuses pages of {ldap.PageSize} (ldap.page_size): {e.Message}";
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
                $"The LDAP directory {ldap.Server} does not return all entries under {root} at once: {e.Message}{refusal}"
            );
        }
    }

    /// <summary>Runs a search that is expected to return few entries, without paging.</summary>
    public List<SearchResultEntry> Few(string root, string filter, string[] attributes) =>
        [
            .. (
                (SearchResponse)connection.SendRequest(new SearchRequest(root, filter, SearchScope.Subtree, attributes), ldap.Timeout)
            ).Entries.Cast<SearchResultEntry>(),
        ];

    /// <summary>Returns all values of an attribute. Active Directory returns long groups in ranges: member;range=0-1499, last member;range=1500-*.</summary>
    public List<string> AllValues(SearchResultEntry entry, string attribute)
    {
        var (values, read) = (Values(entry, attribute), 0);
        while (ValueRange.Of(entry.Attributes.AttributeNames.Cast<string>(), attribute) is { } range)
        {
            values.AddRange(Values(entry, range.Name));
            if (range.Next is not { } next)
            {
                break;
            }

            var request = new SearchRequest(entry.DistinguishedName, "(objectClass=*)", SearchScope.Base, $"{attribute};range={next}-*");
            entry =
                next > read && ((SearchResponse)connection.SendRequest(request, ldap.Timeout)).Entries is { Count: 1 } found
                    ? found[0]
                    : throw ExternalSystemException.Unavailable(
                        ErrorCode.DirectoryUnavailable,
                        $"The LDAP directory {ldap.Server} returns only part of {entry.DistinguishedName}."
                    );
            read = next;
        }

        return values;
    }

    /// <summary>The filter for the entry with this id.</summary>
    public string ById(string id) =>
        IsObjectGuid && Guid.TryParse(id, out var guid)
            ? $"({ldap.Id}={string.Concat(guid.ToByteArray().Select(b => $"\\{b:x2}"))})"
            : $"({ldap.Id}={Escape(id)})";

    /// <summary>The entry's id. Active Directory's objectGUID is binary (16 bytes); ids of other servers are text.</summary>
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

    /// <summary>Escapes a value for a search filter (RFC 4515).</summary>
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
