using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Restores a deleted resource while that is possible; a job makes it available again.</summary>
/// <param name="ProjectId">Null for a resource of any project.</param>
public sealed record UndeleteResource<TAccepted>(Guid? ProjectId, Guid Id)
    : IRequest<TAccepted>,
        IIdempotentCommand,
        IProjectScoped,
        IResourceScoped
    where TAccepted : ResourceDto
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class UndeleteResourceHandler<TResource, TDto, TAccepted>(
    IWombatDbContext db,
    ResourceEvents events,
    JobScheduler jobs,
    ProjectBudgets budgets,
    ResourceMapper<TDto> mapper,
    TimeProvider clock
) : IRequestHandler<UndeleteResource<TAccepted>, TAccepted>
    where TResource : Resource
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    public Task<TAccepted> Handle(UndeleteResource<TAccepted> request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var resource = await db.Context.Set<TResource>().FindInProjectAsync(mapper.Kind, request.ProjectId, request.Id, cancel);
                (await db.LockProjectAsync(resource.ProjectId, exclusive: true, cancel)).EnsureAcceptsResources();
                await db.LockActiveJobsAsync([resource.Id], cancel);
                await db.LockResourceAsync(resource, cancel);
                var now = clock.GetUtcNow();
                resource.BeginUndelete(mapper.Kind.LatestExpiryOf(resource, now), now);
                if (await budgets.ExceededAsync(resource, "", cancel) is [var exceeded, ..])
                {
                    throw exceeded.ToException();
                }

                var job = jobs.Enqueue(mapper.Kind.UndeleteJob, new JobTarget(resource.ProjectId, resource.Id));
                events.Record(resource, "undelete_requested", "success");
                await db.SaveChangesAsync(cancel);
                return mapper.Accept<TAccepted>(resource, job);
            },
            cancellationToken
        );
}
