using System.Text;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Infrastructure.Databases;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>The users of a database besides its own.</summary>
internal sealed class UserService(TimeProvider clock)
{
    private const int NameMaxBytes = 63;

    public static async Task SaveAsync(InstanceFolder folder, Instance instance, DatabaseUserSpec user, CancellationToken cancel)
    {
        CheckName(user.Name);
        var stored = folder.ReadCredentials();
        var login = stored.Find(user.Name);
        if (login is null)
        {
            login = new StoredLogin(user.Name, DatabasePassword.New());
            folder.Write(stored.With(user.Name, login));
        }

        var saved = new InstanceUser(user.Name, user.Role, user.ExpiresAt);
        folder.Update(instance, i => i with { Users = [.. i.Users.Where(u => u.Name != user.Name), saved] });
        await using var tenant = await SuperuserConnection.OpenAsync(folder, instance, cancel, TenantRoles.Database);
        await TenantRoles.SaveUserAsync(tenant, user, cancel);
        if (instance.Users.FirstOrDefault(u => u.Name == user.Name) is { } before && before.Role != user.Role)
        {
            // Open sessions keep the rights that they began with.
            await TenantRoles.EndSessionsAsync(tenant, [user.Name], TenantRoles.Never, cancel);
            await TenantRoles.PassOwnedToOwnerAsync(tenant, user.Name, cancel);
        }

        var password = (login.Next ?? login).Password;
        await TenantRoles.SetPasswordAsync(tenant, user.Name, password, cancel);
        folder.Write(folder.ReadCredentials().With(user.Name, new StoredLogin(user.Name, password)));
    }

    public static async Task DropAsync(InstanceFolder folder, Instance instance, string user, CancellationToken cancel)
    {
        if (instance.Users.All(u => u.Name != user) && folder.ReadCredentials().Find(user) is null)
        {
            return;
        }

        CheckName(user);
        await using (var tenant = await SuperuserConnection.OpenAsync(folder, instance, cancel, TenantRoles.Database))
        {
            await TenantRoles.DropUserAsync(tenant, user, cancel);
        }

        folder.Write(folder.ReadCredentials().Without(user));
        folder.Update(instance, i => i with { Users = [.. i.Users.Where(u => u.Name != user)] });
    }

    /// <summary>Ends the sessions of users whose time is over. PostgreSQL itself only refuses their new connections.</summary>
    public async Task<Instance> EndExpiredAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        string[] expired = [.. instance.Users.Where(u => !u.HasEnded && u.ExpiresAt <= now).Select(u => u.Name)];
        if (expired.Length == 0)
        {
            return instance;
        }

        await using var connection = await SuperuserConnection.OpenAsync(folder, instance, cancel);

        // First: a session that has changed its own role in an open transaction would block the change of the role below.
        await TenantRoles.EndSessionsAsync(connection, expired, TenantRoles.Never, cancel);
        foreach (var user in instance.Frozen is null ? expired : [])
        {
            // The clock of the server may be a little late.
            await TenantRoles.RefuseLoginAsync(connection, user, cancel);
        }

        await TenantRoles.EndSessionsAsync(connection, expired, TenantRoles.Never, cancel);
        return folder.Update(
            instance,
            i =>
                i with
                {
                    Users = [.. i.Users.Select(u => expired.Contains(u.Name, StringComparer.Ordinal) ? u with { HasEnded = true } : u)],
                }
        );
    }

    // PostgreSQL cuts longer names, so that two of them could be one role.
    private static void CheckName(string name)
    {
        var problem =
            name.Length == 0 || name.Any(char.IsControl) || Encoding.UTF8.GetByteCount(name) > NameMaxBytes
                ? $"must have 1 to {NameMaxBytes} bytes and no control characters"
            : TenantRoles.IsReserved(name) ? "is reserved"
            : name.Any(char.IsSurrogate) && name.EnumerateRunes().Any(r => r == Rune.ReplacementChar) ? "is not valid Unicode"
            : null;
        if (problem is not null)
        {
            throw new ExternalSystemException(ExternalFailure.Invalid, $"The name of the user {problem}.");
        }
    }
}
