using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Application.Quotas;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Compares what a project owns with its budget.</summary>
internal sealed class ProjectBudgets(IWombatDbContext db, ResourceKinds kinds)
{
    private static readonly (string Name, Func<ProjectBudget, int?> Limit, Func<ResourceDemand, long> Demand)[] Dimensions =
    [
        ("databases", b => b.Databases, d => d.Databases),
        ("containers", b => b.Containers, d => d.Containers),
        ("cpu_millis", b => b.CpuMillis, d => d.CpuMillis),
        ("memory_mib", b => b.MemoryMib, d => d.MemoryMib),
        ("storage_mib", b => b.StorageMib, d => d.StorageMib),
        ("connections", b => b.Connections, d => d.Connections),
    ];

    /// <summary>What the living resources of the project take.</summary>
    /// <param name="except">A resource that is left out.</param>
    public async Task<ResourceDemand> UsedAsync(Guid project, Guid? except, CancellationToken cancel) =>
        (await db.Resources.LivingIn(project).Where(r => r.Id != except).AsNoTracking().ToListAsync(cancel))
            .Select(r => kinds.Of(r).DemandOf(r))
            .Aggregate(new ResourceDemand(), (sum, demand) => sum + demand);

    /// <summary>
    /// The limits that the resource, as it is requested, would exceed. The caller holds the exclusive lock of the project.
    /// </summary>
    public Task<IReadOnlyList<QuotaDemand>> ExceededAsync(Resource resource, string field, CancellationToken cancel) =>
        ExceededAsync(resource, new ResourceDemand(), kinds.Of(resource).DemandOf(resource), field, cancel);

    /// <summary>The limits that a change of the resource would exceed; one of which it takes no more than before is not exceeded.</summary>
    public async Task<IReadOnlyList<QuotaDemand>> ExceededAsync(
        Resource resource,
        ResourceDemand before,
        ResourceDemand requested,
        string field,
        CancellationToken cancel
    )
    {
        if (await FindAsync(resource.ProjectId, cancel) is not { } budget)
        {
            return [];
        }

        var used = await UsedAsync(resource.ProjectId, resource.Id, cancel);
        return
        [
            .. LimitsOf(budget)
                .Select(l =>
                    (Demand: new QuotaDemand(l.Name, field, l.Limit, l.Demand(used), l.Demand(requested)), Before: l.Demand(before))
                )
                .Where(l => l.Demand.Requested > l.Before && l.Demand.Used + l.Demand.Requested > l.Demand.Allowed)
                .Select(l => l.Demand),
        ];
    }

    /// <summary>The budget before and after a change.</summary>
    /// <param name="taken">What the changed resource takes now.</param>
    /// <param name="requested">What it would take.</param>
    public async Task<PlannedBudget> PlanAsync(Guid project, ResourceDemand taken, ResourceDemand requested, CancellationToken cancel)
    {
        var used = await UsedAsync(project, null, cancel);
        return new PlannedBudget(
            BudgetAmounts.Of(await FindAsync(project, cancel)),
            BudgetAmounts.Of(used),
            BudgetAmounts.Of(used - taken + requested)
        );
    }

    private Task<ProjectBudget?> FindAsync(Guid project, CancellationToken cancel) =>
        db.Budgets.AsNoTracking().SingleOrDefaultAsync(b => b.ProjectId == project, cancel);

    private static IEnumerable<(string Name, int Limit, Func<ResourceDemand, long> Demand)> LimitsOf(ProjectBudget budget) =>
        Dimensions
            .Where(d => d.Limit(budget) is not null)
            .Select(d => (d.Name, d.Limit(budget)!.Value, d.Demand))
            .Concat(
                budget.Tiers.Select(t => ($"tiers.{t.Key}", t.Value, (Func<ResourceDemand, long>)(d => d.Tiers.GetValueOrDefault(t.Key))))
            );
}
