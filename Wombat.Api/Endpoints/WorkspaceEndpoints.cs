using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Application.Commands;
using Wombat.Application.Common;

namespace Wombat.Api.Endpoints;

internal static class WorkspaceEndpoints
{
    public static void MapWorkspaces(this IEndpointRouteBuilder api)
    {
        var workspaces = api.MapGroup("/workspaces").WithTags("Commands");
        workspaces
            .MapGet("/", ListAsync)
            .WithName("ListWorkspaces")
            .WithSummary("List workspaces")
            .WithDescription("The workspaces of all projects that the caller is a member of, the newest first.")
            .Sorts(SortNames.ByCreatedAt)
            .Produces<Page<WorkspaceDto>>();
        workspaces
            .MapPost("/", CreateAsync)
            .WithName("CreateWorkspace")
            .WithSummary("Register a workspace")
            .WithDescription(
                "Registers a directory of the machine that answers, so that commands can run in it; nothing in it is changed or read. Or a "
                    + "git repository, of which each run has a checkout at the commit that the reference has then; nobody contacts it now."
            )
            .Produces<WorkspaceDto>(201)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        workspaces
            .MapGet("/{id}", (Guid id, IMediator mediator, CancellationToken cancel) => mediator.Send(new GetWorkspace(id), cancel))
            .WithName("GetWorkspace")
            .WithSummary("Get a workspace")
            .WithDescription("The directory or repository, and its machine.")
            .Produces<WorkspaceDto>()
            .Fails(404);
        workspaces
            .MapGet("/{id}/targets", (Guid id, IMediator mediator, CancellationToken cancel) => mediator.Send(new ListTargets(id), cancel))
            .WithName("ListTargets")
            .WithSummary("List the targets of a workspace")
            .WithDescription(
                "The targets of its Makefile as it is now, of a repository at the commit of its reference, with the text after ##. make "
                    + "runs code of a Makefile while it reads it: this happens without a network, without rights, with a read-only "
                    + "directory and within five seconds."
            )
            .IsExpensive()
            .Produces<TargetsDto>()
            .Fails(404, 409);
        workspaces
            .MapDelete("/{id}", DeleteAsync)
            .WithName("DeleteWorkspace")
            .WithSummary("Remove a workspace")
            .WithDescription("Refused while commands use it. The directory or repository stays as it is.")
            .Produces(204)
            .Fails(404, 409);
    }

    private static Task<Page<WorkspaceDto>> ListAsync(
        IMediator mediator,
        [AsParameters] PageQuery page,
        [FromQuery(Name = "project_id")] Guid? projectId,
        CancellationToken cancel
    ) => mediator.Send(new ListWorkspaces(page.ToRequest(), projectId), cancel);

    private static async Task<IResult> CreateAsync(CreateWorkspaceBody body, IMediator mediator, CancellationToken cancel)
    {
        var workspace = await mediator.Send(body.ToRequest(), cancel);
        return TypedResults.Created($"/api/v1/workspaces/{workspace.Id}", workspace);
    }

    private static async Task<IResult> DeleteAsync(Guid id, IMediator mediator, CancellationToken cancel)
    {
        await mediator.Send(new DeleteWorkspace(id), cancel);
        return TypedResults.NoContent();
    }
}
