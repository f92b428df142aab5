using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Containers;

/// <summary>The snapshots of a container, the oldest first, as its plugin knows them.</summary>
[RequirePermission(Permission.ContainerRead)]
public sealed record ListSnapshots(Guid ProjectId, Guid Id) : IRequest<Page<SnapshotDto>>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class ListSnapshotsHandler(ContainerAccess access) : IRequestHandler<ListSnapshots, Page<SnapshotDto>>
{
    public async Task<Page<SnapshotDto>> Handle(ListSnapshots request, CancellationToken cancellationToken)
    {
        var (container, plugin) = await access.FindAsync(
            request.ProjectId,
            request.Id,
            "list the snapshots of",
            ContainerKind.Existing,
            cancellationToken
        );
        var snapshots = plugin is ISnapshotsResources able
            ? await able.ListSnapshotsAsync(container.Reference, cancellationToken)
            : throw new ConflictException(ErrorCode.NotSupported, $"The plugin {plugin.Name} does not support snapshots.");
        return new Page<SnapshotDto>(
            [.. snapshots.Select(s => new SnapshotDto(s.Name, s.CreatedAt, s.ExpiresAt, s.Bytes))],
            NextCursor: null
        );
    }
}
