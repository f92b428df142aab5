using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Domain.Resources;

namespace Wombat.Application.Containers;

/// <summary>What a caller can do with a container.</summary>
public sealed class ContainerActions(RequestContext context, ProjectAccessService projectAccess)
    : AllowedActions<ContainerDto>(context, projectAccess)
{
    public static readonly IReadOnlyList<ActionRule<ContainerDto>> Rules =
    [
        new("start", Permission.ContainerOperate, c => IsIn(c, ResourceStatus.Stopped)),
        new("stop", Permission.ContainerOperate, c => IsIn(c, ResourceStatus.Running)),
        new("restart", Permission.ContainerOperate, c => IsIn(c, ResourceStatus.Running)),
        new("delete", Permission.ContainerDelete, c => c.Status is not (ResourceStatus.Deleting or ResourceStatus.Deleted)),
        new("forget", Permission.ContainerForget, c => Resource.IsForgettable(c.Status, c.DeleteFailedAt)),
    ];

    protected override Guid? ProjectOf(ContainerDto item) => item.ProjectId;

    protected override IReadOnlyList<ActionRule<ContainerDto>> RulesFor(ContainerDto item) => Rules;

    // In error, whatever it was before; but it must have been created.
    private static bool IsIn(ContainerDto container, ResourceStatus status) =>
        container.Status == status || container.Status == ResourceStatus.Error && container.ExternalId is not null;
}
