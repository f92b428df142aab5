using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Deletes a resource; a job deprovisions it. Its unfinished jobs are cancelled.</summary>
public sealed record DeleteResource<TAccepted>(Guid? ProjectId, Guid Id, ExpectedVersions? IfMatch)
    : IRequest<TAccepted>,
        IProjectScoped,
        IResourceScoped
    where TAccepted : ResourceDto
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class DeleteResourceHandler<TResource, TDto, TAccepted>(
    IWombatDbContext db,
    ResourceDeletion deletion,
    ResourceMapper<TDto> mapper
) : IRequestHandler<DeleteResource<TAccepted>, TAccepted>
    where TResource : Resource
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    public Task<TAccepted> Handle(DeleteResource<TAccepted> request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var resource = await db.Context.Set<TResource>().FindInProjectAsync(mapper.Kind, request.ProjectId, request.Id, cancel);
                var jobs = await deletion.LockAsync([resource], cancel);
                request.IfMatch?.Ensure(resource.Version);
                var job = deletion.Begin(resource, jobs[resource.Id]);
                await db.SaveChangesAsync(cancel);
                return mapper.Accept<TAccepted>(resource, job);
            },
            cancellationToken
        );
}
