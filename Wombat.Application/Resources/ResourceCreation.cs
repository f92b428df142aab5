using Wombat.Application.Audit;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Creates a resource with its job and its event, for every use case that creates one.</summary>
internal sealed class ResourceCreation<TResource, TSpec, TDto, TAccepted>(
    ResourceKindDefinition<TResource, TSpec, TDto, TAccepted> kind,
    ResourcePlanner<TResource, TSpec, TDto, TAccepted> planner,
    ResourceHooks<TResource, TSpec> hooks,
    IWombatDbContext db,
    AuditLog auditLog,
    JobScheduler jobs,
    ResourceMapper<TDto> mapper
)
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    /// <exception cref="InvalidInputException">The plugin cannot provide it.</exception>
    /// <exception cref="BudgetExceededException">A limit of the project does not allow it.</exception>
    public async Task<TAccepted> CreateAsync(CreateResource<TSpec, TAccepted> request, CancellationToken cancel)
    {
        var resolved = await planner.ResolveAsync(request, cancel);
        var plugin = planner.PluginFor(resolved);
        var objections = await hooks.FindObjectionsAsync(plugin, resolved.Spec, cancel);
        if (objections.FirstOrDefault(o => o.Prevents) is { } objection)
        {
            throw new InvalidInputException(objection.Field, objection.Message);
        }

        return await db.InTransactionAsync(token => SaveAsync(request, resolved, plugin, token), cancel);
    }

    private async Task<TAccepted> SaveAsync(
        CreateResource<TSpec, TAccepted> request,
        ResourceRequest<TSpec> resolved,
        IPlugin plugin,
        CancellationToken cancel
    )
    {
        // Exclusive: the project's resources are counted under the lock.
        var project = await db.LockProjectAsync(request.ProjectId, exclusive: true, cancel);
        var resource = planner.New(project, plugin, request.Name, resolved);
        if (await planner.ExceededAsync(resource, cancel) is [var exceeded, ..])
        {
            throw exceeded.ToException();
        }

        await hooks.AssignAsync(resource, cancel);
        var job = jobs.Enqueue(kind.ProvisionJob, new JobTarget(project.Id, resource.Id));
        db.Resources.Add(resource);
        auditLog.Record(EventAction.OfResource(kind.Name, "requested"), kind.Name, resource.Id, project.Id, after: mapper.Map(resource));
        await hooks.OnRequestedAsync(resource, cancel);
        await db.SaveChangesAsync(cancel);
        return mapper.Accept<TAccepted>(resource, job);
    }
}
