using Wombat.Domain.Projects;

namespace Wombat.Application.Quotas;

/// <summary>The budget of a project over everything that it owns, what is used and what is left. Null for no limit.</summary>
public sealed record BudgetDto(BudgetAmounts Limit, BudgetAmounts Used, BudgetAmounts Left)
{
    internal static BudgetDto Of(ProjectBudget? budget, ResourceDemand demand)
    {
        var (limit, used) = (BudgetAmounts.Of(budget), BudgetAmounts.Of(demand));
        return new BudgetDto(limit, used, limit - used);
    }
}
