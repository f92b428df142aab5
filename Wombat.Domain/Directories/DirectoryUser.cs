namespace Wombat.Domain.Directories;

/// <param name="Id">The entry's UUID: survives renames and moves. Empty where the directory shows none.</param>
/// <param name="Name">The distinguished name, normalized.</param>
/// <param name="EntryName">The distinguished name as the directory writes it.</param>
/// <param name="Login">Empty where the directory shows none.</param>
public sealed record DirectoryUser(string Id, string Name, string EntryName, string Login, string? Email, string FullName);
