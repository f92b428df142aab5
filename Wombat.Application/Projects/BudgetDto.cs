using Wombat.Application.Quotas;
using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

/// <summary>The budget of a project over everything that it owns, what is used and what is left. Null for no limit.</summary>
public sealed record BudgetDto(BudgetAmounts Limit, BudgetAmounts Used, BudgetAmounts Left)
{
    internal static BudgetDto Of(ProjectBudget? limit, ResourceDemand used)
    {
        var allowed = limit is null
            ? new BudgetAmounts(null, null, null, null, null, null)
            : new BudgetAmounts(
                limit.Databases,
                limit.Containers,
                limit.CpuMillis / 1000d,
                limit.MemoryMib,
                limit.StorageMib,
                limit.Connections
            );
        var taken = new BudgetAmounts(
            used.Databases,
            used.Containers,
            used.CpuMillis / 1000d,
            used.MemoryMib,
            used.StorageMib,
            used.Connections
        );
        return new BudgetDto(
            allowed,
            taken,
            new BudgetAmounts(
                allowed.Databases - taken.Databases,
                allowed.Containers - taken.Containers,
                allowed.Cpu - taken.Cpu,
                allowed.Memory - taken.Memory,
                allowed.Storage - taken.Storage,
                allowed.Connections - taken.Connections
            )
        );
    }
}
