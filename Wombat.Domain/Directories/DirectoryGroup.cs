namespace Wombat.Domain.Directories;

/// <param name="Name">The distinguished name, normalized.</param>
/// <param name="ShortName">What mappings may call it beside its distinguished name.</param>
/// <param name="Members">Distinguished names, normalized, of people and of groups.</param>
public sealed record DirectoryGroup(string Name, string ShortName, IReadOnlyList<string> Members);
