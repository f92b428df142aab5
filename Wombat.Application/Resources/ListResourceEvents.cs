using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>The events of one resource, the oldest first.</summary>
/// <param name="ProjectId">Null for a resource of any project.</param>
public sealed record ListResourceEvents<TDto>(Guid? ProjectId, Guid Id, PageRequest Page)
    : IRequest<Page<EventDto>>,
        IProjectScoped,
        IResourceScoped
    where TDto : ResourceDto
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class ListResourceEventsValidator<TDto> : AbstractValidator<ListResourceEvents<TDto>>
    where TDto : ResourceDto
{
    public ListResourceEventsValidator() => RuleFor(m => m.Page).ValidPage(SortNames.Events);
}

internal sealed class ListResourceEventsHandler<TResource, TDto>(IWombatDbContext db, ResourceMapper<TDto> mapper, EventPages pages)
    : IRequestHandler<ListResourceEvents<TDto>, Page<EventDto>>
    where TResource : Resource
    where TDto : ResourceDto
{
    public async Task<Page<EventDto>> Handle(ListResourceEvents<TDto> request, CancellationToken cancellationToken)
    {
        var resource = await db
            .Context.Set<TResource>()
            .AsNoTracking()
            .FindInProjectAsync(mapper.Kind, request.ProjectId, request.Id, cancellationToken);
        var filter = new EventFilter(resource.ProjectId, TargetId: resource.Id);
        return await pages.ReadAsync(request.Page, filter, cancellationToken);
    }
}
