using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Commands;

/// <summary>Hosts, newest first.</summary>
/// <param name="ProjectId">Only those of this project; null for all that the caller can see.</param>
[RequirePermission(Permission.HostRead)]
public sealed record ListHosts(PageRequest Page, Guid? ProjectId) : IRequest<Page<HostDto>>, IProjectScoped;

internal sealed class ListHostsValidator : AbstractValidator<ListHosts>
{
    public ListHostsValidator() => RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
}

internal sealed class ListHostsHandler(IWombatDbContext db, ProjectAccessService projectAccess) : IRequestHandler<ListHosts, Page<HostDto>>
{
    public Task<Page<HostDto>> Handle(ListHosts request, CancellationToken cancellationToken) =>
        projectAccess
            .Accessible(db.SshHosts, request.ProjectId, Permission.HostRead)
            .PageByAgeAsync(request.Page, "-" + CreatedAtPaging.Sort, HostDto.Of, h => h.Id, cancellationToken);
}
