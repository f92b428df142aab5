using Wombat.Application.Access;
using Wombat.Domain.Access;

namespace Wombat.Application.Projects;

/// <summary>What a caller can do with a project.</summary>
public sealed class ProjectActions(AllowedActions allowed)
{
    public static readonly IReadOnlyList<ActionRule<ProjectDto>> Rules =
    [
        new("update", Permission.ProjectUpdate, p => p.DeletingSince is null),
        new("delete", Permission.ProjectDelete, p => p.DeletingSince is null),
        new("create_container", Permission.ContainerCreate, p => p is { Active: true, DeletingSince: null }),
        new("create_database", Permission.DatabaseCreate, p => p is { Active: true, DeletingSince: null }),
        new("manage_members", Permission.MemberManage, p => p.DeletingSince is null),
        new("manage_tokens", Permission.ProjectTokenManage, p => p.DeletingSince is null),
        new("read_events", Permission.EventRead, _ => true),
        new("read_budget", Permission.BudgetRead, _ => true),
        new("manage_budget", Permission.BudgetManage, p => p.DeletingSince is null),
    ];

    /// <summary>For an item of the project or job that the message is about.</summary>
    public ProjectDto Apply(ProjectDto item)
    {
        allowed.Apply(Rules, item);
        return item;
    }

    /// <param name="access">The caller's access to the project.</param>
    public ProjectDto Apply(ProjectDto item, ProjectAccess access)
    {
        item.Actions = allowed.Of(Rules, item, access);
        return item;
    }

    /// <summary>For the items of a page.</summary>
    public async Task<List<ProjectDto>> ApplyAsync(List<ProjectDto> items, CancellationToken cancel)
    {
        await allowed.ApplyAsync(items, item => Rules, item => item.Id, cancel);
        return items;
    }
}
