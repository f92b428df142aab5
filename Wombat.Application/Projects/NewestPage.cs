namespace Wombat.Application.Projects;

/// <param name="User">Null: of all projects.</param>
/// <param name="Before">Ids are time-ordered: what was made before this one.</param>
internal sealed record NewestPage(Guid? User, Guid Before, int Take);
