namespace Wombat.Domain.Projects;

/// <summary>The fields of a project that can be changed.</summary>
public sealed record ProjectDetails(string Description, bool Active, Visibility Visibility, IReadOnlyCollection<string> Tags)
{
    /// <summary>Those of a project of which only the names are given.</summary>
    public static readonly ProjectDetails Default = new("", Active: true, Visibility.Private, []);
}
