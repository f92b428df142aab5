using MediatR;
using Wombat.Application.Common;
using Wombat.Application.Containers;

namespace Wombat.Api.Endpoints;

/// <summary>Snapshots of containers.</summary>
internal static class SnapshotEndpoints
{
    /// <param name="containers">The containers of a project.</param>
    public static void MapSnapshots(this IEndpointRouteBuilder containers)
    {
        var snapshots = containers.MapGroup("/{cid}/snapshots");
        snapshots
            .MapPost("/", CreateAsync)
            .WithName("CreateSnapshot")
            .WithSummary("Make a snapshot of a container")
            .WithDescription(
                "Keeps the root file system of the container as it is now; what its programs have only in memory is not part of it. A "
                    + "running local container is frozen meanwhile."
            )
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        snapshots
            .MapGet("/", ListAsync)
            .WithName("ListSnapshots")
            .WithSummary("List snapshots of a container")
            .WithDescription("All its snapshots, the oldest first, as its plugin keeps them.")
            .IsExpensive()
            .Produces<Page<SnapshotDto>>()
            .Fails(404, 409, 503);
        snapshots
            .MapPost("/{name}/restore", RestoreAsync)
            .WithName("RestoreSnapshot")
            .WithSummary("Restore a container to a snapshot")
            .WithDescription(
                "Replaces the root file system by that of the snapshot, which stays. What was written since is lost. A running container "
                    + "is killed and started again. With Proxmox VE the SSH keys and other settings are those of the snapshot, too; cores, "
                    + "memory and the size of the disk stay."
            )
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        snapshots
            .MapPost("/{name}/clone", CloneAsync)
            .WithName("CloneContainer")
            .WithSummary("Create a container from a snapshot")
            .WithDescription(
                "A new container of the project with a copy of the files of the snapshot. Its host keys, machine id and SSH keys are its "
                    + "own; environment variables, and sizes that are absent, are those of the other container. For local containers."
            )
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        snapshots
            .MapDelete("/{name}", DeleteAsync)
            .WithName("DeleteSnapshot")
            .WithSummary("Delete a snapshot of a container")
            .WithDescription("Succeeds if there is none of this name.")
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409);
    }

    private static Task<IResult> CreateAsync(Guid id, Guid cid, CreateSnapshotBody body, IMediator mediator, CancellationToken cancel) =>
        ContainerEndpoints.OperateAsync(id, cid, ContainerKind.SnapshotOperation, body.ToArguments(), mediator, cancel);

    private static Task<Page<SnapshotDto>> ListAsync(Guid id, Guid cid, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new ListSnapshots(id, cid), cancel);

    private static Task<IResult> RestoreAsync(Guid id, Guid cid, string name, IMediator mediator, CancellationToken cancel) =>
        ContainerEndpoints.OperateAsync(id, cid, ContainerKind.RestoreOperation, new RestoreSnapshot(name), mediator, cancel);

    private static async Task<IResult> CloneAsync(
        Guid id,
        Guid cid,
        string name,
        CloneContainerBody body,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Accepted(await mediator.Send(body.ToRequest(id, cid, name), cancel));

    private static Task<IResult> DeleteAsync(Guid id, Guid cid, string name, IMediator mediator, CancellationToken cancel) =>
        ContainerEndpoints.OperateAsync(id, cid, ContainerKind.DeleteSnapshotOperation, new DeleteSnapshot(name), mediator, cancel);
}
