using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>One resource of a kind.</summary>
public sealed record GetResource<TDto>(Guid? ProjectId, Guid Id) : IRequest<TDto>, IProjectScoped, IResourceScoped
    where TDto : ResourceDto
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class GetResourceHandler<TResource, TDto>(IWombatDbContext db, ResourceMapper<TDto> mapper)
    : IRequestHandler<GetResource<TDto>, TDto>
    where TResource : Resource
    where TDto : ResourceDto
{
    public async Task<TDto> Handle(GetResource<TDto> request, CancellationToken cancellationToken) =>
        mapper.MapWithActions(
            await db
                .Context.Set<TResource>()
                .AsNoTracking()
                .FindInProjectAsync(mapper.Kind, request.ProjectId, request.Id, cancellationToken)
        );
}
