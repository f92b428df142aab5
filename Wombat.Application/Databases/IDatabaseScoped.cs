using Wombat.Application.Access;
using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>A message about one database; its permission is checked in the project of the database.</summary>
public interface IDatabaseScoped : IResourceScoped
{
    string? IResourceScoped.ResourceKind => Database.KindName;
}
