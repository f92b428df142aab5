namespace Wombat.Domain.Projects;

/// <summary>What may be changed of a project besides its name.</summary>
public sealed record ProjectDetails(string Description, bool Active, Visibility Visibility, IReadOnlyCollection<string> Tags);
