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
    public async Task<IReadOnlyList<QuotaDemand>> ExceededAsync(Resource resource, string field, CancellationToken cancel)
    {
        if (await db.Budgets.AsNoTracking().SingleOrDefaultAsync(b => b.ProjectId == resource.ProjectId, cancel) is not { } budget)
        {
            return [];
        }

        var used = await UsedAsync(resource.ProjectId, resource.Id, cancel);
        var requested = kinds.Of(resource).DemandOf(resource);
        return
        [
            .. Dimensions
                .Where(d => d.Limit(budget) is { } limit && d.Demand(requested) > 0 && d.Demand(used) + d.Demand(requested) > limit)
                .Select(d => new QuotaDemand(d.Name, field, d.Limit(budget)!.Value, d.Demand(used), d.Demand(requested))),
        ];
    }
}
