using Wombat.Domain.Members;
using Wombat.Domain.Projects;

namespace Wombat.Application.Changes;

/// <summary>Who has access to a project.</summary>
/// <param name="Roles">The roles of those members that were asked for.</param>
public sealed record ProjectAudience(Visibility Visibility, IReadOnlyDictionary<Guid, ProjectRole> Roles);
