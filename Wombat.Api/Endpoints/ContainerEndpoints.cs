using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Live;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Containers;
using Wombat.Application.Resources;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;

namespace Wombat.Api.Endpoints;

internal static class ContainerEndpoints
{
    public static void MapContainers(this IEndpointRouteBuilder api)
    {
        api.MapGet("/containers", ListAllAsync)
            .WithTags("Containers")
            .WithName("ListContainers")
            .WithSummary("List containers")
            .WithDescription(
                "The containers of all projects that the caller can read, the newest first. Deleted ones only with status=deleted or, for "
                    + "admins, include_deleted."
            )
            .Sorts(SortNames.Resources)
            .Produces<Page<ContainerDto>>();
        var containers = api.MapGroup("/projects/{id}/containers").WithTags("Containers");
        containers
            .MapPost("/", CreateAsync)
            .WithName("CreateContainer")
            .WithSummary("Create a container")
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        containers
            .MapPost("/plan", PlanAsync)
            .WithName("PlanContainer")
            .WithSummary("Plan a container")
            .WithDescription("Tells what creating the container would do and what prevents it. Changes nothing.")
            .IsExpensive()
            .Produces<ContainerPlan>()
            .Fails(404, 409);
        containers
            .MapGet("/", ListAsync)
            .WithName("ListProjectContainers")
            .WithSummary("List containers of a project")
            .WithDescription(
                "The project's containers, the newest first. Deleted ones only with status=deleted or, for admins, include_deleted."
            )
            .Sorts(SortNames.Resources)
            .Produces<Page<ContainerDto>>()
            .Fails(404);
        containers
            .MapGet("/{cid}", GetAsync)
            .WithName("GetContainer")
            .WithSummary("Get a container")
            .WithDescription("Reads one container, with what the caller may do with it.")
            .Produces<ContainerDto>()
            .Fails(404);
        containers
            .MapPatch("/{cid}", PatchAsync)
            .WithName("PatchContainer")
            .WithSummary("Change a container")
            .WithDescription(
                "Its expiry, its protection from deletion, and whether it starts with its machine. A merge patch (RFC 7396): fields that "
                    + "are absent keep their values."
            )
            .Produces<ContainerDto>()
            .Fails(404, 409, 412);
        containers
            .MapPut("/{cid}/ports", ChangePortsAsync)
            .WithName("ChangeContainerPorts")
            .WithSummary("Change published ports of a container")
            .WithDescription("Replaces the published ports. One without a port of the host keeps the port that it has.")
            .Produces<ContainerDto>()
            .Fails(404, 409, 412, 422);
        containers
            .MapGet("/{cid}/events", ListEventsAsync)
            .WithName("ListContainerEvents")
            .WithSummary("List events of a container")
            .WithDescription("What happened to the container, the oldest first.")
            .Sorts(SortNames.Events)
            .IsExpensive()
            .Produces<Page<EventDto>>()
            .Fails(404);
        containers
            .MapGet("/{cid}/metrics", ListMetricsAsync)
            .WithName("ListContainerMetrics")
            .WithSummary("List measurements of a container")
            .WithDescription(
                "What the container used in the last minutes, the oldest first: a sample a minute while it runs, kept for a day. The last "
                    + "one tells what it uses now. Empty when its plugin measures nothing."
            )
            .IsExpensive()
            .Produces<Page<ContainerSampleDto>>()
            .Fails(404);
        containers
            .MapGet("/{cid}/ssh-keys", ListKeysAsync)
            .WithName("ListContainerKeys")
            .WithSummary("List SSH keys of a container")
            .WithDescription("The public keys that open the container, and the users or tokens to whom they belong.")
            .Produces<Page<ContainerKeyDto>>()
            .Fails(404, 503);
        containers
            .MapDelete("/{cid}", DeleteAsync)
            .WithName("DeleteContainer")
            .WithSummary("Delete a container")
            .WithDescription("Cancels its unfinished jobs first.")
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409, 412);
        containers
            .MapPost("/{cid}/forget", ForgetAsync)
            .WithName("ForgetContainer")
            .WithSummary("Forget a container")
            .WithDescription("Removes a container from Wombat whose server is gone for good. Nothing is deleted on the server.")
            .Produces<ContainerDto>()
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        containers
            .MapPost("/{cid}/start", StartAsync)
            .WithName("StartContainer")
            .WithSummary("Start a container")
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        containers
            .MapPost("/{cid}/stop", StopAsync)
            .WithName("StopContainer")
            .WithSummary("Stop a container")
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        containers
            .MapPost("/{cid}/restart", RestartAsync)
            .WithName("RestartContainer")
            .WithSummary("Restart a container")
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        containers
            .MapPost("/{cid}/resize", ResizeAsync)
            .WithName("ResizeContainer")
            .WithSummary("Resize a container")
            .WithDescription(
                "Memory and cores of a running container change at once, without a restart. A disk can only grow. The job fails, and "
                    + "nothing changes, if the container uses more memory than it would have."
            )
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        containers
            .MapPost("/{cid}/rebuild", RebuildAsync)
            .WithName("RebuildContainer")
            .WithSummary("Rebuild a container")
            .WithDescription(
                "Replaces the root file system by a new one of the template. All files in it are lost; name, address, size, published "
                    + "ports and snapshots stay. A running container is killed and started again."
            )
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        containers
            .MapPost("/{cid}/rename", RenameAsync)
            .WithName("RenameContainer")
            .WithSummary("Rename a container")
            .WithDescription(
                "The name changes at once; a job then changes the host name, by which the other containers of the project find it. Its "
                    + "address and its name on the server stay."
            )
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        containers
            .MapGet("/{cid}/console", ConsoleAsync)
            .WithName("OpenConsole")
            .WithSummary("Open a console in a container")
            .WithDescription(
                "A WebSocket with a shell on a terminal. Binary messages are bytes of the terminal, in both directions. Text messages are "
                    + "JSON: the client sends {\"resize\":{\"rows\":40,\"columns\":120}}; the last message of the server is "
                    + "{\"exit\":{\"code\":0}} or {\"error\":{\"code\":…,\"message\":…}}. It closes with 1000 when the shell has exited, "
                    + "1001 when Wombat stops, 1008 when the caller lost the permission or sent something else, 1011 after a failure, "
                    + "4000 when nothing was typed for consoles.idle_seconds, and 4001 when the container stopped. Who opened a console, "
                    + "when and from where is recorded, but not what is typed and shown."
            )
            .Upgrades()
            .Fails(404, 409, 503);
        containers
            .MapPost("/{cid}/exec", ExecAsync)
            .WithName("ExecInContainer")
            .WithSummary("Run a command in a container")
            .WithDescription(
                "Runs a program with its arguments, without a shell, in a running container. The log of the job holds what it prints. "
                    + "The job succeeds with the exit code 0; otherwise it fails with the exit code in its error. Cancelling the job "
                    + "ends the command. The arguments are recorded in the audit log, so they must not contain secrets."
            )
            .Produces<AcceptedContainer>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        containers.MapSnapshots();
    }

    private static async Task<IResult> CreateAsync(Guid id, CreateContainerBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(body.ToRequest(id), cancel));

    private static async Task<ContainerPlan> PlanAsync(Guid id, CreateContainerBody body, IMediator mediator, CancellationToken cancel) =>
        ContainerPlan.Of(await mediator.Send(new PlanResource<ContainerSpec, ContainerDto, AcceptedContainer>(body.ToRequest(id)), cancel));

    private static Task<Page<ContainerDto>> ListAsync(
        Guid id,
        IMediator mediator,
        [AsParameters] PageQuery page,
        [AsParameters] ContainerQuery query,
        CancellationToken cancel
    ) => mediator.Send(new ListResources<ContainerDto>(page.ToRequest(), query.ToFilter(id), OfOneProject: true), cancel);

    private static Task<Page<ContainerDto>> ListAllAsync(
        IMediator mediator,
        [AsParameters] PageQuery page,
        [FromQuery(Name = "project_id")] Guid? projectId,
        [AsParameters] ContainerQuery query,
        CancellationToken cancel
    ) => mediator.Send(new ListResources<ContainerDto>(page.ToRequest(), query.ToFilter(projectId), OfOneProject: false), cancel);

    private static async Task<IResult> GetAsync(Guid id, Guid cid, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(new GetResource<ContainerDto>(id, cid), cancel));

    private static async Task<IResult> PatchAsync(
        Guid id,
        Guid cid,
        PatchContainerBody body,
        HttpContext http,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Ok(await mediator.Send(new UpdateResource<ContainerDto>(id, cid, body.ToChanges(), ApiResults.IfMatch(http)), cancel));

    private static async Task<IResult> ChangePortsAsync(
        Guid id,
        Guid cid,
        ChangePortsBody body,
        HttpContext http,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Ok(await mediator.Send(new ChangePorts(id, cid, body.ToMappings(), ApiResults.IfMatch(http)), cancel));

    private static Task<Page<EventDto>> ListEventsAsync(
        Guid id,
        Guid cid,
        int? limit,
        string? cursor,
        string? sort,
        IMediator mediator,
        CancellationToken cancel
    ) => mediator.Send(new ListResourceEvents<ContainerDto>(id, cid, new PageRequest(limit, cursor, sort)), cancel);

    private static Task<Page<ContainerSampleDto>> ListMetricsAsync(
        Guid id,
        Guid cid,
        int? minutes,
        IMediator mediator,
        CancellationToken cancel
    ) => mediator.Send(new ListContainerMetrics(id, cid, minutes ?? ListContainerMetrics.DefaultMinutes), cancel);

    private static Task<Page<ContainerKeyDto>> ListKeysAsync(Guid id, Guid cid, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new ListContainerKeys(id, cid), cancel);

    private static async Task<IResult> DeleteAsync(Guid id, Guid cid, HttpContext http, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(new DeleteResource<AcceptedContainer>(id, cid, ApiResults.IfMatch(http)), cancel));

    private static async Task<IResult> ForgetAsync(
        Guid id,
        Guid cid,
        ForgetContainerBody body,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Ok(await mediator.Send(new ForgetResource<ContainerDto>(id, cid, body.Name), cancel));

    private static Task<IResult> StartAsync(Guid id, Guid cid, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, cid, "start", mediator, cancel);

    private static Task<IResult> StopAsync(Guid id, Guid cid, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, cid, "stop", mediator, cancel);

    private static Task<IResult> RestartAsync(Guid id, Guid cid, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, cid, "restart", mediator, cancel);

    private static async Task<IResult> ConsoleAsync(Guid id, Guid cid, int? rows, int? columns, HttpContext http, ConsoleStreams consoles)
    {
        await consoles.RunAsync(http, new OpenConsole(id, cid, rows ?? ConsoleSize.DefaultRows, columns ?? ConsoleSize.DefaultColumns));
        return Results.Empty;
    }

    private static Task<IResult> ResizeAsync(Guid id, Guid cid, ResizeContainerBody body, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, cid, ContainerKind.ResizeOperation, body.ToArguments(), mediator, cancel);

    private static Task<IResult> RebuildAsync(Guid id, Guid cid, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, cid, ContainerKind.RebuildOperation, new RebuildContainer(), mediator, cancel);

    private static Task<IResult> RenameAsync(Guid id, Guid cid, RenameContainerBody body, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, cid, ContainerKind.RenameOperation, body.ToArguments(), mediator, cancel);

    private static Task<IResult> ExecAsync(Guid id, Guid cid, ExecInContainerBody body, IMediator mediator, CancellationToken cancel) =>
        OperateAsync(id, cid, ContainerKind.ExecOperation, body.ToCommand(), mediator, cancel);

    private static async Task<IResult> OperateAsync(Guid id, Guid cid, string operation, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(new OperateResource<AcceptedContainer>(id, cid, operation), cancel));

    /// <summary>Requests an operation with arguments.</summary>
    internal static async Task<IResult> OperateAsync<TArguments>(
        Guid id,
        Guid cid,
        string operation,
        TArguments arguments,
        IMediator mediator,
        CancellationToken cancel
    )
        where TArguments : class =>
        ApiResults.Accepted(
            await mediator.Send(new OperateResourceWith<TArguments, AcceptedContainer>(id, cid, operation, arguments), cancel)
        );
}
