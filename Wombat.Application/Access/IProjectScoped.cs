namespace Wombat.Application.Access;

/// <summary>A message about one project; its permission is checked in that project.</summary>
public interface IProjectScoped
{
    /// <summary>Null for a message about all projects: the handler filters what the caller may see.</summary>
    Guid? ProjectId { get; }
}
