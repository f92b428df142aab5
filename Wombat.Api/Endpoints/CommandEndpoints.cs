using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Application.Commands;
using Wombat.Application.Common;

namespace Wombat.Api.Endpoints;

internal static class CommandEndpoints
{
    public static void MapCommands(this IEndpointRouteBuilder api)
    {
        var commands = api.MapGroup("/commands").WithTags("Commands");
        commands
            .MapGet("/", ListAsync)
            .WithName("ListCommands")
            .WithSummary("List commands")
            .WithDescription("The commands of all projects that the caller can see, the newest first.")
            .Sorts(SortNames.ByCreatedAt)
            .Produces<Page<CommandDto>>();
        commands
            .MapPost("/", CreateAsync)
            .WithName("CreateCommand")
            .WithSummary("Create a command")
            .WithDescription(
                "A manager of a project creates commands of kind make on its workspaces and of kind ssh on its hosts; an admin creates "
                    + "local commands, which run any program, and commands of the platform."
            )
            .Produces<CommandDto>(201)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        commands
            .MapGet("/{id}", GetAsync)
            .WithName("GetCommand")
            .WithSummary("Get a command")
            .WithDescription("What it executes, with what, and who may run it.")
            .Produces<CommandDto>()
            .Fails(404);
        commands
            .MapPut("/{id}", UpdateAsync)
            .WithName("UpdateCommand")
            .WithSummary("Replace a command")
            .WithDescription(
                "Sets all fields; one that is absent gets its default. Runs that were requested before execute what they were requested "
                    + "with."
            )
            .Produces<CommandDto>()
            .Fails(404, 409, 412);
        commands
            .MapDelete("/{id}", DeleteAsync)
            .WithName("DeleteCommand")
            .WithSummary("Delete a command")
            .WithDescription("Its runs and their logs stay; those under way go on.")
            .Produces(204)
            .Fails(404, 409, 412);
        commands
            .MapGet(
                "/{id}/hosts",
                (Guid id, IMediator mediator, CancellationToken cancel) => mediator.Send(new ListCommandHosts(id), cancel)
            )
            .WithName("ListCommandHosts")
            .WithSummary("List the hosts of a command")
            .WithDescription("The hosts on which it may run now: those that it names and those that have its labels.")
            .Produces<CommandHostsDto>()
            .Fails(404);
        commands
            .MapPost("/{id}/plan", PlanAsync)
            .WithName("PlanRun")
            .WithSummary("Plan a run")
            .WithDescription("Shows what a run would execute, where, as whom, and what speaks against it. Nothing is started.")
            .IsExpensive()
            .Produces<RunPlanDto>()
            .Fails(404, 409);
        commands
            .MapPost("/{id}/runs", StartAsync)
            .WithName("StartRun")
            .WithSummary("Run a command")
            .WithDescription("The log of the run is that of its job, which has the same id.")
            .Produces<RunDto>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
    }

    private static Task<Page<CommandDto>> ListAsync(
        IMediator mediator,
        [AsParameters] PageQuery page,
        [FromQuery(Name = "project_id")] Guid? projectId,
        CancellationToken cancel
    ) => mediator.Send(new ListCommands(page.ToRequest(), projectId), cancel);

    private static async Task<IResult> CreateAsync(CreateCommandBody body, IMediator mediator, CancellationToken cancel)
    {
        var command = await mediator.Send(body.ToRequest(), cancel);
        return new VersionedResult<CommandDto>(command, StatusCodes.Status201Created, $"/api/v1/commands/{command.Id}");
    }

    private static async Task<IResult> GetAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(new GetCommand(id), cancel));

    private static async Task<IResult> UpdateAsync(
        Guid id,
        SaveCommandBody body,
        HttpContext http,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Ok(await mediator.Send(new UpdateCommand(id, body.Name ?? "", body.ToSpec(), ApiResults.IfMatch(http)), cancel));

    private static async Task<IResult> DeleteAsync(Guid id, HttpContext http, IMediator mediator, CancellationToken cancel)
    {
        await mediator.Send(new DeleteCommand(id, ApiResults.IfMatch(http)), cancel);
        return TypedResults.NoContent();
    }

    private static Task<RunPlanDto> PlanAsync(Guid id, RunBody body, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new PlanRun(id, body.Values, body.Hosts), cancel);

    private static async Task<IResult> StartAsync(Guid id, RunBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(new StartRun(id, body.Values, body.Hosts), cancel));
}
