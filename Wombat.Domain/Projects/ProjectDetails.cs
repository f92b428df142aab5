namespace Wombat.Domain.Projects;

/// <summary>What may be changed of a project besides its name.</summary>
public sealed record ProjectDetails(string Description, bool Active, Visibility Visibility, IReadOnlyCollection<string> Tags)
{
    /// <summary>Those of a project of which only the names are given.</summary>
    public static readonly ProjectDetails Default = new("", Active: true, Visibility.Private, []);
}
