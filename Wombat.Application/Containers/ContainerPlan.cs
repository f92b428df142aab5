using Wombat.Application.Plugins;
using Wombat.Application.Quotas;
using Wombat.Application.Resources;

namespace Wombat.Application.Containers;

/// <summary>What creating a container would do.</summary>
/// <param name="Possible">Whether no known objection prevents the creation.</param>
/// <param name="WouldCreate">The container that would be created. Its id is not stored.</param>
/// <param name="Objections">What prevents the creation.</param>
/// <param name="ContainersInProject">How many containers the project has now.</param>
/// <param name="Budget">The budget of the project before and after.</param>
public sealed record ContainerPlan(
    bool Possible,
    ContainerDto WouldCreate,
    IReadOnlyList<PlanObjection> Objections,
    int ContainersInProject,
    PlannedBudget Budget
)
{
    public static ContainerPlan Of(ResourcePlan<ContainerDto> plan) =>
        new(plan.Possible, plan.WouldCreate!, plan.Objections, plan.Existing, plan.Budget);
}
