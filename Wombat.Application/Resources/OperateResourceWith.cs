using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Requests an operation of the kind that takes arguments; a job carries it out.</summary>
/// <param name="ProjectId">Null for a resource of any project.</param>
/// <param name="Operation">The name of one of the kind's operations.</param>
public sealed record OperateResourceWith<TArguments, TAccepted>(Guid? ProjectId, Guid Id, string Operation, TArguments Arguments)
    : IRequest<TAccepted>,
        IIdempotentCommand,
        IProjectScoped,
        IResourceScoped
    where TArguments : class
    where TAccepted : ResourceDto
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class OperateResourceWithHandler<TArguments, TResource, TSpec, TDto, TAccepted>(
    OperationRequests<TResource, TSpec, TDto> requests
) : IRequestHandler<OperateResourceWith<TArguments, TAccepted>, TAccepted>
    where TArguments : class
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    public Task<TAccepted> Handle(OperateResourceWith<TArguments, TAccepted> request, CancellationToken cancellationToken) =>
        requests.AcceptAsync<TAccepted>(request.ProjectId, request.Id, request.Operation, request.Arguments, cancellationToken);
}
