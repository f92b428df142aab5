namespace Wombat.Application.Access;

/// <summary>A message about one project: its permission is looked for there.</summary>
public interface IProjectScoped
{
    /// <summary>Null: over all projects, and the handler itself leaves out what the caller may not see.</summary>
    Guid? ProjectId { get; }
}
