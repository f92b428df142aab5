using AutoMapper;
using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Workspaces, newest first.</summary>
/// <param name="ProjectId">Only those of this project; null for all that the caller can see.</param>
[RequirePermission(Permission.WorkspaceRead)]
public sealed record ListWorkspaces(PageRequest Page, Guid? ProjectId) : IRequest<Page<WorkspaceDto>>, IProjectScoped;

internal sealed class ListWorkspacesValidator : AbstractValidator<ListWorkspaces>
{
    public ListWorkspacesValidator() => RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
}

internal sealed class ListWorkspacesHandler(IWombatDbContext db, IMapper mapper, ProjectAccessService projectAccess)
    : IRequestHandler<ListWorkspaces, Page<WorkspaceDto>>
{
    public Task<Page<WorkspaceDto>> Handle(ListWorkspaces request, CancellationToken cancellationToken)
    {
        var workspaces = projectAccess.Accessible(db.Workspaces, request.ProjectId, Permission.WorkspaceRead);
        return workspaces.PageByAgeAsync<Workspace, WorkspaceDto>(
            request.Page,
            "-" + CreatedAtPaging.Sort,
            mapper.Map<WorkspaceDto>,
            w => w.Id,
            cancellationToken
        );
    }
}
