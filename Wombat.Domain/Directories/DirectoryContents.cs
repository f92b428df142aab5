namespace Wombat.Domain.Directories;

/// <summary>The users and groups of the directory.</summary>
/// <param name="Warnings">Settings without a match in the directory.</param>
public sealed record DirectoryContents(
    IReadOnlyList<DirectoryUser> Users,
    IReadOnlyList<DirectoryGroup> Groups,
    IReadOnlyList<string> Warnings
);
