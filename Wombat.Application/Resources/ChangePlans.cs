using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Application.Plugins;
using Wombat.Application.Quotas;
using Wombat.Domain.Common;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Plans changes of existing resources. Changes nothing.</summary>
internal sealed class ChangePlans<TResource, TSpec, TDto>(
    IWombatDbContext db,
    ResourceHooks<TResource, TSpec> hooks,
    ProjectBudgets budgets,
    ResourceMapper<TDto> mapper
)
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
{
    public async Task<ResourcePlan<TDto>> PlanOperationAsync(
        Guid? project,
        Guid id,
        string name,
        object? arguments,
        CancellationToken cancel
    )
    {
        var resource = await FindAsync(project, id, cancel);
        var (operation, _) = mapper.Kind.Operation(name);
        return Conflict(() => resource.EnsureOperable(operation.Name, operation.AllowedIn)) is { } conflict
            ? await PlanAsync(resource, new ResourceChangePlan { Objections = [conflict] }, cancel)
            : await PlanAsync(resource, await hooks.PlanOperationAsync(resource, name, arguments, cancel), cancel);
    }

    public async Task<ResourcePlan<TDto>> PlanDeletionAsync(Guid? project, Guid id, CancellationToken cancel)
    {
        var resource = await FindAsync(project, id, cancel);
        return Conflict(resource.EnsureDeletable) is { } conflict
            ? await PlanAsync(resource, new ResourceChangePlan { Objections = [conflict] }, cancel)
            : await PlanAsync(
                resource,
                await hooks.PlanDeletionAsync(resource, cancel) with
                {
                    DemandAfter = new ResourceDemand(),
                    Downtime = true,
                },
                cancel
            );
    }

    private Task<TResource> FindAsync(Guid? project, Guid id, CancellationToken cancel) =>
        db.Context.Set<TResource>().AsNoTracking().FindInProjectAsync(mapper.Kind, project, id, cancel);

    private async Task<ResourcePlan<TDto>> PlanAsync(TResource resource, ResourceChangePlan change, CancellationToken cancel)
    {
        var taken = mapper.Kind.DemandOf(resource);
        var after = change.DemandAfter ?? taken;
        var exceeded = await budgets.ExceededAsync(resource, taken, ResourceDemand.Max(taken, after), mapper.Kind.SizeField, cancel);
        return new ResourcePlan<TDto>(
            null,
            [.. change.Objections, .. exceeded.Select(d => d.ToObjection())],
            await db.Context.Set<TResource>().LivingIn(resource.ProjectId).CountAsync(cancel),
            await budgets.PlanAsync(resource.ProjectId, taken, after, cancel)
        )
        {
            WouldChange = change.Changes,
            WouldRemove = change.Removes,
            Downtime = change.Downtime,
        };
    }

    private static PlanObjection? Conflict(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (ConflictException e)
        {
            return new PlanObjection("status", e.Message);
        }
    }
}
