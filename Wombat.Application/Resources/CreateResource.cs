using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Creates a resource; a job provisions it.</summary>
/// <param name="Name">Null when the kind may choose the name.</param>
/// <param name="Plugin">The plugin instance; null for the default of the kind.</param>
/// <param name="ExpiresAt">When it is deleted; null for never.</param>
public sealed record CreateResource<TSpec, TAccepted>(
    Guid ProjectId,
    string? Name,
    TSpec Spec,
    string? Plugin = null,
    DateTimeOffset? ExpiresAt = null
) : IRequest<TAccepted>, IIdempotentCommand, IProjectScoped
    where TSpec : class
    where TAccepted : ResourceDto
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class CreateResourceHandler<TResource, TSpec, TDto, TAccepted>(ResourceCreation<TResource, TSpec, TDto, TAccepted> creation)
    : IRequestHandler<CreateResource<TSpec, TAccepted>, TAccepted>
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    public Task<TAccepted> Handle(CreateResource<TSpec, TAccepted> request, CancellationToken cancellationToken) =>
        creation.CreateAsync(request, cancellationToken);
}
