namespace Wombat.Domain.Directories;

/// <param name="Id">The entry's UUID, which does not change with renames and moves; empty if not available.</param>
/// <param name="Name">The normalized distinguished name.</param>
/// <param name="EntryName">The distinguished name as the directory writes it.</param>
/// <param name="Login">Empty if not available.</param>
public sealed record DirectoryUser(string Id, string Name, string EntryName, string Login, string? Email, string FullName);
