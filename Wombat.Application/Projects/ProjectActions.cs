using Wombat.Application.Access;
using Wombat.Domain.Access;

namespace Wombat.Application.Projects;

/// <summary>What a caller can do with a project.</summary>
public sealed class ProjectActions(RequestContext context, ProjectAccessService projectAccess)
    : AllowedActions<ProjectDto>(context, projectAccess)
{
    public static readonly IReadOnlyList<ActionRule<ProjectDto>> Rules =
    [
        new("update", Permission.ProjectUpdate, p => p.DeletingSince is null),
        new("delete", Permission.ProjectDelete, p => p.DeletingSince is null),
        new("create_container", Permission.ContainerCreate, p => p is { Active: true, DeletingSince: null }),
        new("manage_members", Permission.MemberManage, p => p.DeletingSince is null),
        new("manage_tokens", Permission.ProjectTokenManage, p => p.DeletingSince is null),
        new("read_events", Permission.EventRead, _ => true),
    ];

    protected override Guid? ProjectOf(ProjectDto item) => item.Id;

    protected override IReadOnlyList<ActionRule<ProjectDto>> RulesFor(ProjectDto item) => Rules;
}
