namespace Wombat.Domain.Directories;

/// <summary>What the directory holds, read in one go.</summary>
/// <param name="Warnings">What the settings name and the directory does not show.</param>
public sealed record DirectoryContents(
    IReadOnlyList<DirectoryUser> Users,
    IReadOnlyList<DirectoryGroup> Groups,
    IReadOnlyList<string> Warnings
);
