using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;

namespace Wombat.Application.Audit;

/// <summary>Filters events that were read once for all streams to those that the caller may read.</summary>
/// <param name="ProjectId">The requested project; null for all projects.</param>
[RequirePermission(Permission.EventRead)]
public sealed record SelectEvents(IReadOnlyList<EventDto> Events, Guid? ProjectId) : IRequest<IReadOnlyList<EventDto>>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class SelectEventsHandler(RequestContext context, ProjectAccessService projectAccess)
    : IRequestHandler<SelectEvents, IReadOnlyList<EventDto>>
{
    public async Task<IReadOnlyList<EventDto>> Handle(SelectEvents request, CancellationToken cancellationToken)
    {
        if (request.Events.Count == 0 || projectAccess.HasFullAccess)
        {
            return request.Events;
        }

        var known = await projectAccess.GetManyAsync(
            request.Events.Where(e => e.ProjectId is not null).Select(e => e.ProjectId!.Value),
            cancellationToken
        );
        return
        [
            .. from one in request.Events
            where one.ProjectId is not null
            let access = known.GetValueOrDefault(one.ProjectId!.Value)
            where PermissionMatrix.Decide(context.Caller!, Permission.EventRead, access) == Decision.Allowed
            select one.For(access),
        ];
    }
}
