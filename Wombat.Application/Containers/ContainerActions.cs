using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Domain.Resources;

namespace Wombat.Application.Containers;

/// <summary>What a caller can do with a container.</summary>
public sealed class ContainerActions(AllowedActions allowed)
{
    public static readonly IReadOnlyList<ActionRule<ContainerDto>> Rules =
    [
        new("start", Permission.ContainerOperate, c => IsIn(c, ResourceStatus.Stopped)),
        new("stop", Permission.ContainerOperate, c => IsIn(c, ResourceStatus.Running)),
        new("restart", Permission.ContainerOperate, c => IsIn(c, ResourceStatus.Running)),
        new("delete", Permission.ContainerDelete, c => c.Status is not (ResourceStatus.Deleting or ResourceStatus.Deleted)),
        new("forget", Permission.ContainerForget, c => Resource.IsForgettable(c.Status, c.DeleteFailedAt)),
    ];

    /// <summary>For an item of the project or job that the message is about.</summary>
    public ContainerDto Apply(ContainerDto item)
    {
        allowed.Apply(Rules, item);
        return item;
    }

    /// <summary>For the items of a page.</summary>
    public async Task<List<ContainerDto>> ApplyAsync(List<ContainerDto> items, CancellationToken cancel)
    {
        await allowed.ApplyAsync(items, item => Rules, item => item.ProjectId, cancel);
        return items;
    }

    // In error, whatever it was before; but it must have been created.
    private static bool IsIn(ContainerDto container, ResourceStatus status) =>
        container.Status == status || container.Status == ResourceStatus.Error && container.ExternalId is not null;
}
