using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Application.Plugins;
using Wombat.Application.Quotas;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Plans the creation of resources, for every use case that creates one.</summary>
internal sealed class CreatePlans<TResource, TSpec, TDto, TAccepted>(
    ResourcePlanner<TResource, TSpec, TDto, TAccepted> planner,
    ResourceHooks<TResource, TSpec> hooks,
    IWombatDbContext db,
    ProjectBudgets budgets,
    ResourceMapper<TDto> mapper,
    IPluginMonitor monitor,
    ProjectAccessService projectAccess
)
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    /// <param name="known">Objections of the use case itself.</param>
    /// <exception cref="NotFoundException">There is no such project.</exception>
    public async Task<ResourcePlan<TDto>> PlanAsync(
        CreateResource<TSpec, TAccepted> create,
        IEnumerable<PlanObjection> known,
        CancellationToken cancel
    )
    {
        var project =
            await db.Projects.AsNoTracking().SingleOrDefaultAsync(p => p.Id == create.ProjectId, cancel)
            ?? throw new NotFoundException("project");
        var resolved = await planner.ResolveAsync(create, cancel);
        var plugin = planner.PluginFor(resolved);
        var resource = planner.New(project, plugin, create.Name, resolved);
        var names = await db.Context.Set<TResource>().LivingIn(project.Id).AsNoTracking().Select(r => r.Name).ToListAsync(cancel);
        List<PlanObjection> objections = [.. known, .. await FindPluginObjectionsAsync(plugin, resolved.Spec, cancel)];
        objections.AddRange((await planner.ExceededAsync(resource, cancel)).Select(d => d.ToObjection()));
        if (names.Contains(resource.Name, StringComparer.Ordinal))
        {
            objections.Add(new PlanObjection("name", $"is taken by another {resource.Kind} of the project"));
        }

        var budget = await budgets.PlanAsync(project.Id, new ResourceDemand(), mapper.Kind.DemandOf(resource), cancel);
        return new ResourcePlan<TDto>(mapper.Map(resource), objections, names.Count, budget);
    }

    private async Task<IReadOnlyList<PlanObjection>> FindPluginObjectionsAsync(IPlugin plugin, TSpec spec, CancellationToken cancel)
    {
        var objections = await hooks.FindObjectionsAsync(plugin, spec, cancel);
        return monitor.Reports.FirstOrDefault(r => r.Instance.Plugin == plugin) is { Health.Healthy: false } unhealthy
            ? [new PlanObjection("plugin", unhealthy.HealthMessage(projectAccess.HasFullAccess))]
            : objections;
    }
}
