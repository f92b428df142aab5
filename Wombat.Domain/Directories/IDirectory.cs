using Wombat.Domain.Common;

namespace Wombat.Domain.Directories;

/// <summary>The LDAP directory that knows the organization's people and groups.</summary>
public interface IDirectory
{
    bool IsConfigured { get; }

    /// <summary>Whether users made in Wombat are written to it.</summary>
    bool IsWritten { get; }

    RoleMappings Mappings { get; }

    /// <summary>The share of its users, in percent, that one sync may deactivate.</summary>
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

    /// <summary>Adds a person without password, or finds what an earlier call for this user has added; answers the entry's id.</summary>
    /// <exception cref="ConflictException">Another entry has the login.</exception>
    /// <exception cref="ExternalSystemException">It is down, not to be trusted, or refuses Wombat.</exception>
    Task<string> AddAsync(Guid user, string login, string fullName, string? email, CancellationToken cancel);
}
