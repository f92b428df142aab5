using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>What <see cref="DeleteResource{TAccepted}"/> would remove, and what prevents it. Changes nothing.</summary>
public sealed record PlanDeletion<TDto>(Guid? ProjectId, Guid Id) : IRequest<ResourcePlan<TDto>>, IProjectScoped, IResourceScoped
    where TDto : ResourceDto
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class PlanDeletionHandler<TResource, TSpec, TDto>(ChangePlans<TResource, TSpec, TDto> plans)
    : IRequestHandler<PlanDeletion<TDto>, ResourcePlan<TDto>>
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
{
    public Task<ResourcePlan<TDto>> Handle(PlanDeletion<TDto> request, CancellationToken cancellationToken) =>
        plans.PlanDeletionAsync(request.ProjectId, request.Id, cancellationToken);
}
