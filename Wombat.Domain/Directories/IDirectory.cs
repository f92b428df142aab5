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

    /// <summary>Reads all users and groups. Throws instead of returning a part.</summary>
    /// <exception cref="ExternalSystemException">The directory is unavailable, its certificate is not trusted, it refuses access, or the connection broke.</exception>
    Task<DirectoryContents> ReadAsync(CancellationToken cancel);

    /// <summary>Finds the entry with the id, or with the login if no id is given. Null if there is none or more than one.</summary>
    /// <exception cref="ExternalSystemException">The directory is unavailable, its certificate is not trusted, or it refuses access.</exception>
    Task<DirectoryUser?> FindAsync(string login, string? id, CancellationToken cancel);

    /// <summary>Checks the password of an entry.</summary>
    /// <exception cref="ExternalSystemException">The directory is unavailable, its certificate is not trusted, or it refuses access.</exception>
    Task<bool> BindAsync(DirectoryUser user, string password, CancellationToken cancel);

    /// <summary>Adds a user without a password and returns the entry's id. Returns the existing entry if an earlier call for this user added it.</summary>
    /// <exception cref="ConflictException">Another entry has the login.</exception>
    /// <exception cref="ExternalSystemException">The directory is unavailable, its certificate is not trusted, or it refuses access.</exception>
    Task<string> AddAsync(Guid user, string login, string fullName, string? email, CancellationToken cancel);
}
