using System.DirectoryServices.Protocols;
using System.Net;
using Wombat.Domain.Common;
using Wombat.Domain.Directories;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>The configured LDAP directory. The library blocks, so each call has a thread of its own; TLS is verified before any password is sent.</summary>
public sealed class LdapDirectory(WombatSettings settings) : IDirectory, IDisposable
{
    private const int InvalidCredentials = 49;
    private const int TimedOut = 85;
    private const int OpenedAtOnce = 8;

    private readonly SemaphoreSlim opening = new(OpenedAtOnce);

    public bool IsConfigured => settings.Ldap is not null;

    public bool IsWritten => settings.Ldap is { WritesUsers: true };

    public RoleMappings Mappings => Ldap.Mappings;

    public int MaxDeactivatePercent => Ldap.MaxDeactivatePercent;

    private LdapSettings Ldap =>
        settings.Ldap ?? throw ExternalSystemException.Unavailable(ErrorCode.DirectoryNotConfigured, "No LDAP directory is configured.");

    public Task<DirectoryContents> ReadAsync(CancellationToken cancel) =>
        AskAsync(connection => new DirectoryReading(new LdapSearch(connection, Ldap), Ldap).Read(cancel), cancel);

    public Task<DirectoryUser?> FindAsync(string login, string? id, CancellationToken cancel) =>
        AskAsync(
            connection =>
            {
                var search = new LdapSearch(connection, Ldap);
                var reading = new DirectoryReading(search, Ldap);
                var which = id is null ? $"({Ldap.Login}={LdapSearch.Escape(login)})" : search.ById(id);
                return
                    search.Few(Ldap.UserBase, $"(&{Ldap.UserFilter}{which})", reading.UserAttributes) is [var entry]
                    && reading.ToUser(entry) is { Id.Length: > 0 } user
                    ? user
                    : null;
            },
            cancel
        );

    public async Task<bool> BindAsync(DirectoryUser user, string password, CancellationToken cancel)
    {
        // Without a password many servers answer yes to anybody, and the library's text may end at NUL.
        if (password.Length == 0 || password.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        return await CallAsync(
            () =>
            {
                try
                {
                    using var own = Open(user.EntryName, password);
                    return true;
                }
                catch (LdapException e) when (e.ErrorCode == InvalidCredentials)
                {
                    return false;
                }
                catch (DirectoryOperationException)
                {
                    return false;
                }
            },
            cancel
        );
    }

    public Task<string> AddAsync(Guid user, string login, string fullName, string? email, CancellationToken cancel) =>
        AskAsync(
            connection =>
            {
                // By this mark an entry is known as our own, should its adding go unheard: a name alone proves nothing.
                var mark = $"wombat user {user}";
                var search = new LdapSearch(connection, Ldap);
                SearchResultEntry? Find() =>
                    search
                        .Few(Ldap.UserBase, $"(&({Ldap.Login}={LdapSearch.Escape(login)})(description={mark}))", [Ldap.Id])
                        .FirstOrDefault();
                if (Find() is null)
                {
                    Add(connection, mark, login, fullName, email);
                }

                return Find() is { } entry && search.Id(entry) is { } id
                    ? id
                    : throw ExternalSystemException.Unavailable(
                        ErrorCode.DirectoryUnavailable,
                        "The LDAP directory does not show the entry that was added."
                    );
            },
            cancel
        );

    private void Add(LdapConnection connection, string mark, string login, string fullName, string? email)
    {
        var name = fullName.Length == 0 ? login : fullName;
        var add = new AddRequest($"{Ldap.Login}={login},{Ldap.UserBase}", "inetOrgPerson");
        var attributes = new (string Name, string? Value)[]
        {
            (Ldap.Login, login),
            ("cn", name),
            ("sn", name.Split(' ')[^1]),
            ("description", mark),
            (Ldap.Email, email),
        };
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
            throw new ConflictException(
                ErrorCode.DirectoryEntryExists,
                $"The directory has another entry {login}. An admin links it to the user, or the user gets another login."
            );
        }
    }

    private Task<T> AskAsync<T>(Func<LdapConnection, T> ask, CancellationToken cancel) =>
        CallAsync(
            () =>
            {
                using var connection = Open(Ldap.BindDn, Ldap.BindPassword);
                return ask(connection);
            },
            cancel
        );

    private async Task<T> CallAsync<T>(Func<T> call, CancellationToken cancel)
    {
        var ldap = Ldap;
        try
        {
            return await Task.Factory.StartNew(call, cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (LdapException e)
        {
            throw ExternalSystemException.Unavailable(ErrorCode.DirectoryUnavailable, $"The LDAP directory {ldap.Server} {Reason(e)}.");
        }
        catch (DirectoryOperationException e)
        {
            throw ExternalSystemException.Unavailable(
                ErrorCode.DirectoryUnavailable,
                $"The LDAP directory {ldap.Server} refuses: {e.Message}"
            );
        }
        catch (DllNotFoundException e)
        {
            throw ExternalSystemException.Unavailable(
                ErrorCode.DirectoryUnavailable,
                $"The LDAP directory {ldap.Server} cannot be asked: {e.Message}"
            );
        }
    }

    private static string Reason(LdapException e) =>
        e.ErrorCode switch
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

        var opened = Task.Factory.StartNew(
            () => Connect(dn, password),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        _ = opened.ContinueWith(_ => opening.Release(), TaskScheduler.Default);
        try
        {
            return opened.WaitAsync(2 * Ldap.Timeout).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            _ = opened.ContinueWith(
                late => late.Result.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default
            );
            throw new LdapException(TimedOut);
        }
    }

    private LdapConnection Connect(string dn, string password)
    {
        var ldap = Ldap;
        var port =
            ldap.Server.Port > 0 ? ldap.Server.Port
            : ldap.Server.Scheme == "ldaps" ? 636
            : 389;
        var credential = new NetworkCredential(dn, password);
        NativeTimeouts.Set(ldap.Timeout);
        var connection = new LdapConnection(new LdapDirectoryIdentifier(ldap.Server.Host, port), credential, AuthType.Basic)
        {
            Timeout = ldap.Timeout,
            AutoBind = false,
        };
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
}
