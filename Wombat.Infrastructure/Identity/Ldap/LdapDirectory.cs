using System.DirectoryServices.Protocols;
using System.Net;
using System.Text;
using Wombat.Application.Directories;
using Wombat.Domain.Common;
using Wombat.Domain.Users;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>The configured LDAP directory. The library blocks, so each call has a thread of its own; TLS is verified before any password is sent.</summary>
public sealed class LdapDirectory(WombatSettings settings) : IDirectory, IDisposable
{
    private const int PageSize = 1000;
    private const int InvalidCredentials = 49;
    private const int TimedOut = 85;
    private const int OpenedAtOnce = 8;

    private readonly SemaphoreSlim opening = new(OpenedAtOnce);

    public bool IsConfigured => settings.Ldap is not null;

    public bool IsWritten => settings.Ldap is { WritesUsers: true };

    public RoleMappings Mappings => Ldap.Mappings;

    public int MaxDeactivatePercent => Ldap.MaxDeactivatePercent;

    private LdapSettings Ldap => settings.Ldap ?? throw new UnavailableException("directory_not_configured", "No LDAP directory is configured.");

    public Task<DirectoryContents> ReadAsync(CancellationToken cancel) => AskAsync(connection =>
    {
        var users = Search(connection, Ldap.UserBase, Ldap.UserFilter, [Ldap.Id, Ldap.Login, Ldap.Email, Ldap.FullName], cancel).Select(ToUser).OfType<DirectoryUser>().ToList();
        var groups = Search(connection, Ldap.GroupBase, Ldap.GroupFilter, [Ldap.GroupName, Ldap.Member], cancel)
            .Select(e => new DirectoryGroup(DistinguishedName.Normalize(e.DistinguishedName), Value(e, Ldap.GroupName) ?? "", AllValues(connection, e, Ldap.Member).ConvertAll(DistinguishedName.Normalize))).ToList();
        return new DirectoryContents(users, groups);
    }, cancel);

    public Task<DirectoryUser?> BindAsync(string login, string password, CancellationToken cancel) => AskAsync(
        connection =>
        {
            var found = Search(connection, Ldap.UserBase, $"(&{Ldap.UserFilter}({Ldap.Login}={Escape(login)}))", [Ldap.Id, Ldap.Login, Ldap.Email, Ldap.FullName], cancel).ToList();

            // Without a password many servers answer yes to anybody, and the library's text may end at NUL.
            if (found is not [var entry] || password.Length == 0 || password.Contains('\0', StringComparison.Ordinal))
            {
                return null;
            }

            try
            {
                using var own = Open(entry.DistinguishedName, password);
                return ToUser(entry);
            }
            catch (LdapException e) when (e.ErrorCode == InvalidCredentials)
            {
                return null;
            }
            catch (DirectoryOperationException)
            {
                return null;
            }
        },
        cancel);

    public Task<string> AddAsync(Guid user, string login, string fullName, string? email, CancellationToken cancel) => AskAsync(
        connection =>
        {
            // By this mark an entry is known as our own, should its adding go unheard: a name alone proves nothing.
            var mark = $"wombat user {user}";
            SearchResultEntry? Find() => Search(connection, Ldap.UserBase, $"(&({Ldap.Login}={Escape(login)})(description={mark}))", [Ldap.Id], cancel).FirstOrDefault();
            if (Find() is null)
            {
                Add(connection, mark, login, fullName, email);
            }

            return Find() is { } entry && Id(entry) is { } id ? id : throw new UnavailableException("directory_unavailable", "The LDAP directory does not show the entry that was added.");
        },
        cancel);

    private void Add(LdapConnection connection, string mark, string login, string fullName, string? email)
    {
        var name = fullName.Length == 0 ? login : fullName;
        var add = new AddRequest($"{Ldap.Login}={login},{Ldap.UserBase}", "inetOrgPerson");
        var attributes = new (string Name, string? Value)[] { (Ldap.Login, login), ("cn", name), ("sn", name.Split(' ')[^1]), ("description", mark), (Ldap.Email, email) };
        foreach (var (attribute, value) in attributes.Where(a => a.Value is not null))
        {
            add.Attributes.Add(new DirectoryAttribute(attribute, value));
        }

        try
        {
            connection.SendRequest(add, Ldap.Timeout);
        }
        catch (DirectoryOperationException e) when (e.Response?.ResultCode == ResultCode.EntryAlreadyExists)
        {
            throw new ConflictException("directory_entry_exists", $"The directory has another entry {login}. An admin links it to the user, or the user gets another login.");
        }
    }

    private async Task<T> AskAsync<T>(Func<LdapConnection, T> ask, CancellationToken cancel)
    {
        var ldap = Ldap;
        try
        {
            return await Task.Factory.StartNew(
                () =>
                {
                    using var connection = Open(ldap.BindDn, ldap.BindPassword);
                    return ask(connection);
                },
                cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (LdapException e)
        {
            throw new UnavailableException("directory_unavailable", $"The LDAP directory {ldap.Server} {Reason(e)}.");
        }
        catch (DirectoryOperationException e)
        {
            throw new UnavailableException("directory_unavailable", $"The LDAP directory {ldap.Server} refuses: {e.Message}");
        }
        catch (DllNotFoundException e)
        {
            throw new UnavailableException("directory_unavailable", $"The LDAP directory {ldap.Server} cannot be asked: {e.Message}");
        }
    }

    private static string Reason(LdapException e) => e.ErrorCode switch
    {
        InvalidCredentials => "does not accept Wombat's bind_dn and password",
        81 or 91 => "is down, or its certificate is not trusted (ldap.ca_file)",
        TimedOut => "took too long",
        _ => $"failed: {e.Message} ({e.ErrorCode})",
    };

    public void Dispose() => opening.Dispose();

    // The library bounds all but the TLS handshake. Who hangs in one is left behind, so many at most, until the server stirs or goes.
    private LdapConnection Open(string dn, string password)
    {
        if (!opening.Wait(Ldap.Timeout))
        {
            throw new LdapException(TimedOut);
        }

        var opened = Task.Factory.StartNew(() => Connect(dn, password), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _ = opened.ContinueWith(_ => opening.Release(), TaskScheduler.Default);
        try
        {
            return opened.WaitAsync(2 * Ldap.Timeout).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            _ = opened.ContinueWith(late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw new LdapException(TimedOut);
        }
    }

    private LdapConnection Connect(string dn, string password)
    {
        var ldap = Ldap;
        var port = ldap.Server.Port > 0 ? ldap.Server.Port : ldap.Server.Scheme == "ldaps" ? 636 : 389;
        var credential = new NetworkCredential(dn, password);
        NativeTimeouts.Set(ldap.Timeout);
        var connection = new LdapConnection(new LdapDirectoryIdentifier(ldap.Server.Host, port), credential, AuthType.Basic) { Timeout = ldap.Timeout, AutoBind = false };
        try
        {
            connection.SessionOptions.ProtocolVersion = 3;
            connection.SessionOptions.ReferralChasing = ReferralChasingOptions.None;
            if (ldap.CaFile is not null)
            {
                connection.SessionOptions.TrustedCertificatesDirectory = TrustedFolder(ldap.CaFile);
                connection.SessionOptions.StartNewTlsSessionContext();
            }

            if (ldap.Server.Scheme == "ldaps")
            {
                connection.SessionOptions.SecureSocketLayer = true;
            }
            else if (ldap.StartTls)
            {
                // The library starts TLS only on a connection that was used: a bind without name or password.
                connection.Bind(new NetworkCredential());
                connection.SessionOptions.StartTransportLayerSecurity(controls: null);
            }

            connection.Bind(credential);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // The library takes a folder, not a file. Under the data directory, so that nobody else writes into it.
    private string TrustedFolder(string file)
    {
        var folder = Path.Combine(settings.DataDirectory, "ldap-ca");
        var copy = Path.Combine(folder, "ca.pem");
        if (!File.Exists(copy) || File.GetLastWriteTimeUtc(copy) < File.GetLastWriteTimeUtc(file))
        {
            Directory.CreateDirectory(folder);
            File.Copy(file, copy, overwrite: true);
        }

        return folder;
    }

    private IEnumerable<SearchResultEntry> Search(LdapConnection connection, string root, string filter, string[] attributes, CancellationToken cancel)
    {
        var page = new PageResultRequestControl(PageSize);
        var request = new SearchRequest(root, filter, SearchScope.Subtree, attributes) { Controls = { page } };
        do
        {
            cancel.ThrowIfCancellationRequested();
            var response = (SearchResponse)connection.SendRequest(request, Ldap.Timeout);
            foreach (SearchResultEntry entry in response.Entries)
            {
                yield return entry;
            }

            page.Cookie = response.Controls.OfType<PageResultResponseControl>().FirstOrDefault()?.Cookie ?? [];
        }
        while (page.Cookie.Length > 0);
    }

    // Active Directory hands out a long group a range at a time: member;range=0-1499, and the last member;range=1500-*.
    private List<string> AllValues(LdapConnection connection, SearchResultEntry entry, string attribute)
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
            entry = next > had && ((SearchResponse)connection.SendRequest(request, Ldap.Timeout)).Entries is { Count: 1 } found
                ? found[0]
                : throw new UnavailableException("directory_unavailable", $"The LDAP directory {Ldap.Server} shows only a part of {entry.DistinguishedName}.");
            had = next;
        }

        return values;
    }

    private DirectoryUser? ToUser(SearchResultEntry entry) => Id(entry) is { } id && Value(entry, Ldap.Login) is { } login
        ? new DirectoryUser(id, DistinguishedName.Normalize(entry.DistinguishedName), login, Value(entry, Ldap.Email), Value(entry, Ldap.FullName) ?? "")
        : null;

    // Active Directory's objectGUID is 16 bytes, where others write text.
    private string? Id(SearchResultEntry entry) => Ldap.Id.Equals("objectGUID", StringComparison.OrdinalIgnoreCase)
        ? entry.Attributes[Ldap.Id]?.GetValues(typeof(byte[])) is [byte[] { Length: 16 } bytes, ..] ? new Guid(bytes).ToString() : null
        : Value(entry, Ldap.Id);

    private static string? Value(SearchResultEntry entry, string attribute) => Values(entry, attribute) is [var first, ..] && first.Length > 0 ? first : null;

    private static List<string> Values(SearchResultEntry entry, string attribute) => entry.Attributes[attribute]?.GetValues(typeof(string)) is { } values ? [.. values.Cast<string>()] : [];

    /// <summary>RFC 4515: what would end or widen the filter is written as its code.</summary>
    private static string Escape(string value)
    {
        var result = new StringBuilder(value.Length);
        foreach (var b in Encoding.UTF8.GetBytes(value))
        {
            _ = b is (byte)'*' or (byte)'(' or (byte)')' or (byte)'\\' or 0 or > 127 ? result.Append('\\').Append(b.ToString("x2")) : result.Append((char)b);
        }

        return result.ToString();
    }
}
