namespace Wombat.Application.Access;

/// <summary>A message about one resource; its permission is checked in the project of the resource.</summary>
public interface IResourceScoped
{
    Guid ResourceId { get; }

    /// <summary>The resource kind, for the answer when there is no such resource; null for a shared message, whose kind has it.</summary>
    string? ResourceKind => null;
}
