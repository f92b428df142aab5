using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Requests an operation of the kind, such as a restart; a job carries it out.</summary>
/// <param name="ProjectId">Null for a resource of any project.</param>
/// <param name="Operation">The name of one of the kind's operations.</param>
public sealed record OperateResource<TAccepted>(Guid? ProjectId, Guid Id, string Operation)
    : IRequest<TAccepted>,
        IIdempotentCommand,
        IProjectScoped,
        IResourceScoped
    where TAccepted : ResourceDto
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class OperateResourceHandler<TResource, TSpec, TDto, TAccepted>(OperationRequests<TResource, TSpec, TDto> requests)
    : IRequestHandler<OperateResource<TAccepted>, TAccepted>
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    public Task<TAccepted> Handle(OperateResource<TAccepted> request, CancellationToken cancellationToken) =>
        requests.AcceptAsync<TAccepted>(request.ProjectId, request.Id, request.Operation, null, cancellationToken);
}
