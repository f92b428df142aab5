using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Directories;

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
    /// <exception cref="UnavailableException">It is down, not to be trusted, refuses Wombat, or broke off.</exception>
    Task<DirectoryContents> ReadAsync(CancellationToken cancel);

    /// <summary>The one entry with this id, or where there is none given with this login; null where there is none or more than one.</summary>
    /// <exception cref="UnavailableException">It is down, not to be trusted, or refuses Wombat.</exception>
    Task<DirectoryUser?> FindAsync(string login, string? id, CancellationToken cancel);

    /// <summary>Whether this is the entry's password.</summary>
    /// <exception cref="UnavailableException">It is down, not to be trusted, or refuses Wombat.</exception>
    Task<bool> BindAsync(DirectoryUser user, string password, CancellationToken cancel);

    /// <summary>Adds a person without password, or finds what an earlier call for this user has added; answers the entry's id.</summary>
    /// <exception cref="ConflictException">Another entry has the login.</exception>
    /// <exception cref="UnavailableException">It is down, not to be trusted, or refuses Wombat.</exception>
    Task<string> AddAsync(Guid user, string login, string fullName, string? email, CancellationToken cancel);
}

/// <summary>What the directory holds, read in one go.</summary>
/// <param name="Warnings">What the settings name and the directory does not show.</param>
public sealed record DirectoryContents(
    IReadOnlyList<DirectoryUser> Users,
    IReadOnlyList<DirectoryGroup> Groups,
    IReadOnlyList<string> Warnings
);

/// <param name="Id">The entry's UUID: survives renames and moves. Empty where the directory shows none.</param>
/// <param name="Name">The distinguished name, normalized.</param>
/// <param name="EntryName">The distinguished name as the directory writes it.</param>
/// <param name="Login">Empty where the directory shows none.</param>
public sealed record DirectoryUser(string Id, string Name, string EntryName, string Login, string? Email, string FullName);

/// <param name="Name">The distinguished name, normalized.</param>
/// <param name="ShortName">What mappings may call it beside its distinguished name.</param>
/// <param name="Members">Distinguished names, normalized, of people and of groups.</param>
public sealed record DirectoryGroup(string Name, string ShortName, IReadOnlyList<string> Members);
