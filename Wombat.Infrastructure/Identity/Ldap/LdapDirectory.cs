using System.DirectoryServices.Protocols;
using System.Net;
using Wombat.Domain.Common;
using Wombat.Domain.Directories;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>
/// The configured LDAP directory. The library is synchronous, so each call runs on its own thread. The certificate is verified
/// before a password is sent.
/// </summary>
public sealed class LdapDirectory(WombatSettings settings) : IDirectory, IDisposable
{
    private const int InvalidCredentials = 49;
    private const int TimedOut = 85;
    private const int MaxConcurrentConnects = 8;

    private readonly SemaphoreSlim connectSlots = new(MaxConcurrentConnects);

    public bool IsConfigured => settings.Ldap is not null;

    public bool IsWritten => settings.Ldap is { WritesUsers: true };

    public RoleMappings Mappings => Ldap.Mappings;

    public int MaxDeactivatePercent => Ldap.MaxDeactivatePercent;

    private LdapSettings Ldap =>
        settings.Ldap ?? throw ExternalSystemException.Unavailable(ErrorCode.DirectoryNotConfigured, "No LDAP directory is configured.");

    public Task<DirectoryContents> ReadAsync(CancellationToken cancel) =>
        QueryAsync(connection => new DirectoryReading(new LdapSearch(connection, Ldap), Ldap).Read(cancel), cancel);

    public Task<DirectoryUser?> FindAsync(string login, string? id, CancellationToken cancel) =>
        QueryAsync(
            connection =>
            {
                var search = new LdapSearch(connection, Ldap);
                var reading = new DirectoryReading(search, Ldap);
                var idFilter = id is null ? $"({Ldap.Login}={LdapSearch.Escape(login)})" : search.ById(id);
                return
                    search.Few(Ldap.UserBase, $"(&{Ldap.UserFilter}{idFilter})", reading.UserAttributes) is [var entry]
                    && reading.ToUser(entry) is { Id.Length: > 0 } user
                    ? user
                    : null;
            },
            cancel
        );

    public async Task<bool> BindAsync(DirectoryUser user, string password, CancellationToken cancel)
    {
        // Many servers accept a bind without a password as anonymous, and the library may cut a string at NUL.
        if (password.Length == 0 || password.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        return await CallAsync(
            () =>
            {
                try
                {
                    using var connection = Open(user.EntryName, password);
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
        QueryAsync(
            connection =>
            {
                // The mark identifies the entry as Wombat's if the response of the add request is lost; a name alone does not.
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
                        "The LDAP directory does not return the entry that was added."
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
                $"The directory already has an entry {login}. Link it to the user or choose another login."
            );
        }
    }

    private Task<T> QueryAsync<T>(Func<LdapConnection, T> query, CancellationToken cancel) =>
        CallAsync(
            () =>
            {
                using var connection = Open(Ldap.BindDn, Ldap.BindPassword);
                return query(connection);
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
                $"The LDAP directory {ldap.Server} refuses the request: {e.Message}"
            );
        }
        catch (DllNotFoundException e)
        {
            throw ExternalSystemException.Unavailable(
                ErrorCode.DirectoryUnavailable,
                $"The LDAP directory {ldap.Server} cannot be queried: {e.Message}"
            );
        }
    }

    private static string Reason(LdapException e) =>
        e.ErrorCode switch
        {
            InvalidCredentials => "does not accept Wombat's bind_dn and password",
            81 or 91 => "is down, or its certificate is not trusted (ldap.ca_file)",
            TimedOut => "did not respond in time",
            _ => $"failed: {e.Message} ({e.ErrorCode})",
        };

    public void Dispose() => connectSlots.Dispose();

    // The library has no timeout for the TLS handshake. A thread that hangs in it is abandoned; the semaphore bounds their number.
    private LdapConnection Open(string dn, string password)
    {
        if (!connectSlots.Wait(Ldap.Timeout))
        {
            throw new LdapException(TimedOut);
        }

        var opened = Task.Factory.StartNew(
            () => Connect(dn, password),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        _ = opened.ContinueWith(_ => connectSlots.Release(), TaskScheduler.Default);
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
                // The library starts TLS only on a connection that is bound, so bind anonymously first.
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

    // The library takes a folder, not a file. The folder lies in the data directory, where no other account can write.
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
