using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Creates a resource; a job provisions it.</summary>
/// <param name="Name">Null when the kind may choose the name.</param>
/// <param name="Plugin">The plugin instance; null for the default of the kind.</param>
public sealed record CreateResource<TSpec, TAccepted>(Guid ProjectId, string? Name, TSpec Spec, string? Plugin = null)
    : IRequest<TAccepted>,
        IIdempotentCommand,
        IProjectScoped
    where TSpec : class
    where TAccepted : ResourceDto
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class CreateResourceHandler<TResource, TSpec, TDto, TAccepted>(
    ResourceKindDefinition<TResource, TSpec, TDto, TAccepted> kind,
    ResourcePlanner<TResource, TSpec, TDto, TAccepted> planner,
    ResourceHooks<TResource, TSpec> hooks,
    IWombatDbContext db,
    AuditLog auditLog,
    JobScheduler jobs,
    ResourceMapper<TDto> mapper
) : IRequestHandler<CreateResource<TSpec, TAccepted>, TAccepted>
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    public async Task<TAccepted> Handle(CreateResource<TSpec, TAccepted> request, CancellationToken cancellationToken)
    {
        var plugin = planner.PluginFor(request);
        if (await hooks.FindObjectionsAsync(plugin, request.Spec, cancellationToken) is [var objection, ..])
        {
            throw new InvalidInputException(objection.Field, objection.Message);
        }

        return await db.InTransactionAsync(cancel => CreateAsync(request, plugin, cancel), cancellationToken);
    }

    private async Task<TAccepted> CreateAsync(CreateResource<TSpec, TAccepted> request, IPlugin plugin, CancellationToken cancel)
    {
        // Exclusive: the project's resources are counted under the lock.
        var project = await db.LockProjectAsync(request.ProjectId, exclusive: true, cancel);
        var resource = planner.New(project, plugin, request);
        if (await planner.ExceededAsync(resource, cancel) is [var exceeded, ..])
        {
            throw exceeded.ToException();
        }

        var job = jobs.Enqueue(kind.ProvisionJob, new JobTarget(project.Id, resource.Id));
        db.Resources.Add(resource);
        auditLog.Record(EventAction.OfResource(kind.Name, "requested"), kind.Name, resource.Id, project.Id, after: mapper.Map(resource));
        hooks.OnRequested(resource);
        await db.SaveChangesAsync(cancel);
        return mapper.Accept<TAccepted>(resource, job);
    }
}
