namespace Wombat.Application.Access;

/// <summary>A message about one resource; its permission is checked in the project of the resource.</summary>
public interface IResourceScoped
{
    Guid ResourceId { get; }
}
