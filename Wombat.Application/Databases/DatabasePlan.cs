using Wombat.Application.Plugins;
using Wombat.Application.Quotas;
using Wombat.Application.Resources;

namespace Wombat.Application.Databases;

/// <summary>What creating, changing or deleting a database would do.</summary>
/// <param name="Possible">Whether no known objection prevents it.</param>
/// <param name="WouldCreate">The database that would be created, whose id is not stored; null when none is.</param>
/// <param name="WouldChange">The fields of the database that would change.</param>
/// <param name="WouldRemove">What would be removed, in sentences.</param>
/// <param name="Objections">What prevents or weakens it.</param>
/// <param name="DatabasesInProject">How many databases the project has now.</param>
/// <param name="Budget">The budget of the project before and after.</param>
/// <param name="Downtime">Whether clients are disconnected, or cannot use the database for a time.</param>
public sealed record DatabasePlan(
    bool Possible,
    DatabaseDto? WouldCreate,
    IReadOnlyList<PlannedChange> WouldChange,
    IReadOnlyList<string> WouldRemove,
    IReadOnlyList<PlanObjection> Objections,
    int DatabasesInProject,
    PlannedBudget Budget,
    bool Downtime
)
{
    public static DatabasePlan Of(ResourcePlan<DatabaseDto> plan) =>
        new(
            plan.Possible,
            plan.WouldCreate,
            plan.WouldChange,
            plan.WouldRemove,
            plan.Objections,
            plan.Existing,
            plan.Budget,
            plan.Downtime
        );
}
