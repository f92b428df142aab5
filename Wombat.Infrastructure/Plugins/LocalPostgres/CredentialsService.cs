using Npgsql;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Infrastructure.Databases;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Passwords: written to the file of the instance before the server knows them, so that none is ever lost.</summary>
internal sealed class CredentialsService(LocalPostgresOptions options, LocalCertificateAuthority authority)
{
    /// <summary>The sslmode of libpq that the certificates allow.</summary>
    public const string SslModeName = "verify-full";

    /// <summary>
    /// Gives the database's own user and the saved users of the instance their passwords, and removes all other users, which restored data
    /// have from their source.
    /// </summary>
    public static async Task ResetAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        var stored = folder.ReadCredentials();
        var login = stored.Find(StoredCredentials.Own);
        if (login is null)
        {
            login = new StoredLogin(TenantRoles.FirstLogin, DatabasePassword.New());
            folder.Write(stored.With(StoredCredentials.Own, login));
        }

        await using var connection = await SuperuserConnection.OpenAsync(folder, instance, cancel, TenantRoles.Database);
        foreach (var user in await TenantRoles.ListUsersAsync(connection, cancel))
        {
            if (instance.Users.All(u => u.Name != user))
            {
                await TenantRoles.DropUserAsync(connection, user, cancel);
            }
        }

        foreach (var user in instance.Users)
        {
            await TenantRoles.SaveUserAsync(connection, user.ToSpec(), cancel);
            if (stored.Find(user.Name) is { } saved && !user.HasEnded)
            {
                await TenantRoles.SetPasswordAsync(connection, user.Name, (saved.Next ?? saved).Password, cancel);
            }
        }

        await TenantRoles.CloseLoginAsync(connection, Other(login.Role), cancel);
        await TenantRoles.SetPasswordAsync(connection, login.Role, login.Password, cancel);
    }

    /// <summary>Lets the database's own user log in with its present login role, and with no other.</summary>
    /// <param name="connection">A connection of the superuser.</param>
    public static async Task RestoreLoginsAsync(InstanceFolder folder, NpgsqlConnection connection, CancellationToken cancel)
    {
        var login = Login(folder, null);
        await TenantRoles.CloseLoginAsync(connection, Other(login.Role), cancel);
        await TenantRoles.SetPasswordAsync(connection, login.Role, login.Password, cancel);
        folder.Write(folder.ReadCredentials().With(StoredCredentials.Own, login with { Next = null, Previous = null }));
    }

    /// <summary>How a user connects, without the password. Only files are read.</summary>
    public Task<DatabaseCredentials> DescribeAsync(InstanceFolder folder, Instance instance, string? user, CancellationToken cancel) =>
        CompleteAsync(instance, Login(folder, user) with { Password = "" }, cancel);

    /// <summary>
    /// The credentials of a user. What a rotation that was cut short has left is completed first, and a password that the user has changed
    /// is set again.
    /// </summary>
    public async Task<DatabaseCredentials> GetAsync(InstanceFolder folder, Instance instance, string? user, CancellationToken cancel)
    {
        var login = Login(folder, user);
        if (instance.Frozen is null && !instance.Users.Any(u => u.Name == user && u.HasEnded))
        {
            await using var connection = await SuperuserConnection.OpenAsync(folder, instance, cancel);
            if (login.Next is not null && user is not null)
            {
                login = await ActivateAsync(folder, connection, user, login, login.Next, cancel);
            }

            var verifier = await TenantRoles.ReadVerifierAsync(connection, login.Role, cancel);
            if (verifier is null || !ScramVerifier.Matches(verifier, login.Password))
            {
                await TenantRoles.SetPasswordAsync(connection, login.Role, login.Password, cancel);
            }
        }

        return await CompleteAsync(instance, login, cancel);
    }

    /// <summary>
    /// Gives a user a new password. The database's own user gets another login role, so that both are valid for a moment.
    /// </summary>
    public static async Task RotateAsync(InstanceFolder folder, Instance instance, string? user, bool endSessions, CancellationToken cancel)
    {
        var key = user ?? StoredCredentials.Own;
        var login = Login(folder, user);
        await using var connection = await SuperuserConnection.OpenAsync(folder, instance, cancel);
        if (login.Previous is { } left && left != login.Role)
        {
            await TenantRoles.CloseLoginAsync(connection, left, cancel);
        }

        var next = login.Next ?? new StoredLogin(user is null ? Other(login.Role) : login.Role, DatabasePassword.New());
        login = await ActivateAsync(folder, connection, key, login, next, cancel);
        var switchedAt = await connection.GetTimeAsync(cancel);
        if (login.Previous is { } previous && previous != login.Role)
        {
            if (endSessions)
            {
                // An open transaction that changed the role would block the change below.
                await TenantRoles.EndSessionsAsync(connection, [previous], switchedAt, cancel);
            }

            await TenantRoles.CloseLoginAsync(connection, previous, cancel);
        }

        if (endSessions)
        {
            string[] roles = user is null ? [TenantRoles.FirstLogin, TenantRoles.SecondLogin] : [user];
            await TenantRoles.EndSessionsAsync(connection, roles, switchedAt, cancel);
        }

        folder.Write(folder.ReadCredentials().With(key, login with { Previous = null }));
    }

    /// <summary>How the database's own user connects over TCP.</summary>
    public string ConnectionString(InstanceFolder folder, Instance instance)
    {
        var login = Login(folder, null);
        return new NpgsqlConnectionStringBuilder
        {
            Host = options.Host,
            Port = instance.Port,
            Username = login.Role,
            Password = login.Password,
            Database = TenantRoles.Database,
            SslMode = SslMode.VerifyFull,
            RootCertificate = authority.CertificateFile,
            Pooling = false,
            Timeout = 10,
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString;
    }

    private async Task<DatabaseCredentials> CompleteAsync(Instance instance, StoredLogin login, CancellationToken cancel) =>
        new(
            options.Host,
            instance.Port,
            TenantRoles.Database,
            login.Role,
            login.Password,
            SslModeName,
            await File.ReadAllTextAsync(authority.CertificateFile, cancel)
        );

    private static async Task<StoredLogin> ActivateAsync(
        InstanceFolder folder,
        NpgsqlConnection connection,
        string key,
        StoredLogin login,
        StoredLogin next,
        CancellationToken cancel
    )
    {
        folder.Write(folder.ReadCredentials().With(key, login with { Next = next }));
        await TenantRoles.SetPasswordAsync(connection, next.Role, next.Password, cancel);
        var active = next with { Previous = login.Role };
        folder.Write(folder.ReadCredentials().With(key, active));
        return active;
    }

    private static StoredLogin Login(InstanceFolder folder, string? user) =>
        user is not { Length: 0 } && folder.ReadCredentials().Find(user ?? StoredCredentials.Own) is { } login
            ? login
            : throw new ExternalSystemException(
                ExternalFailure.NotFound,
                user is null ? "The database has no credentials yet." : "The database has no user of this name."
            );

    private static string Other(string login) => login == TenantRoles.FirstLogin ? TenantRoles.SecondLogin : TenantRoles.FirstLogin;
}
