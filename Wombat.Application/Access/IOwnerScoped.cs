namespace Wombat.Application.Access;

/// <summary>A message about something that belongs to a project or else to the platform, whose things are for admins.</summary>
public interface IOwnerScoped
{
    /// <summary>Null for the platform.</summary>
    Guid? OwnerProjectId { get; }
}
