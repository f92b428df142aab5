namespace Wombat.Domain.Projects;

/// <summary>The fields of a project that can be changed.</summary>
public sealed record ProjectDetails(string Description, bool Active, Visibility Visibility, IReadOnlyCollection<string> Tags)
{
    /// <summary>The details of a project that was created with its names only.</summary>
    public static readonly ProjectDetails Default = new("", Active: true, Visibility.Private, []);
}
