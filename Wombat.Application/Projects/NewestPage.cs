namespace Wombat.Application.Projects;

/// <param name="User">The user whose projects are listed; null for all projects.</param>
/// <param name="Before">Only projects created before the one with this id (ids are time-ordered).</param>
internal sealed record NewestPage(Guid? User, Guid Before, int Take);
