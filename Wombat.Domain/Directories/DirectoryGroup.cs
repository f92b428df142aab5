namespace Wombat.Domain.Directories;

/// <param name="Name">The normalized distinguished name.</param>
/// <param name="ShortName">The short name, which mappings can use instead of the distinguished name.</param>
/// <param name="Members">The normalized distinguished names of users and groups.</param>
public sealed record DirectoryGroup(string Name, string ShortName, IReadOnlyList<string> Members);
