namespace Wombat.Application.Quotas;

/// <summary>What a plan would change in the budget of the project.</summary>
/// <param name="Limit">The limits; null for no limit.</param>
/// <param name="Before">What the project uses now.</param>
/// <param name="After">What it would use after the change.</param>
public sealed record PlannedBudget(BudgetAmounts Limit, BudgetAmounts Before, BudgetAmounts After);
