using Wombat.Domain.Common;

namespace Wombat.Domain.Directories;

/// <summary>The LDAP directory with the organization's users and groups.</summary>
public interface IDirectory
{
    bool IsConfigured { get; }

    /// <summary>Whether users created in Wombat are written to the directory.</summary>
    bool IsWritten { get; }

    RoleMappings Mappings { get; }

    /// <summary>The maximum percentage of users that one synchronization may deactivate.</summary>
    int MaxDeactivatePercent { get; }

    /// <summary>All people and groups, or an exception: never a part.</summary>
    /// <exception cref="ExternalSystemException">It is down, not to be trusted, refuses Wombat, or broke off.</exception>
    Task<DirectoryContents> ReadAsync(CancellationToken cancel);

    /// <summary>The one entry with this id, or where there is none given with this login; null where there is none or more than one.</summary>
    /// <exception cref="ExternalSystemException">It is down, not to be trusted, or refuses Wombat.</exception>
    Task<DirectoryUser?> FindAsync(string login, string? id, CancellationToken cancel);

    /// <summary>Whether this is the entry's password.</summary>
    /// <exception cref="ExternalSystemException">It is down, not to be trusted, or refuses Wombat.</exception>
    Task<bool> BindAsync(DirectoryUser user, string password, CancellationToken cancel);

    /// <summary>Adds a user without a password and returns the entry's id. Returns the existing entry if an earlier call for this user added it.</summary>
    /// <exception cref="ConflictException">Another entry has the login.</exception>
    /// <exception cref="ExternalSystemException">It is down, not to be trusted, or refuses Wombat.</exception>
    Task<string> AddAsync(Guid user, string login, string fullName, string? email, CancellationToken cancel);
}
