using Wombat.Application.Plugins;
using Wombat.Application.Resources;

namespace Wombat.Application.Databases;

/// <summary>What creating a database would do.</summary>
/// <param name="Possible">Whether no known objection prevents the creation.</param>
/// <param name="WouldCreate">The database that would be created. Its id is not stored.</param>
/// <param name="Objections">What prevents or weakens it.</param>
/// <param name="DatabasesInProject">How many databases the project has now.</param>
public sealed record DatabasePlan(bool Possible, DatabaseDto WouldCreate, IReadOnlyList<PlanObjection> Objections, int DatabasesInProject)
{
    public static DatabasePlan Of(ResourcePlan<DatabaseDto> plan) => new(plan.Possible, plan.WouldCreate, plan.Objections, plan.Existing);
}
