using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Application.Commands;
using Wombat.Application.Common;

namespace Wombat.Api.Endpoints;

internal static class RunEndpoints
{
    public static void MapRuns(this IEndpointRouteBuilder api)
    {
        var runs = api.MapGroup("/runs").WithTags("Commands");
        runs.MapGet("/", ListAsync)
            .WithName("ListRuns")
            .WithSummary("List runs")
            .WithDescription("The runs of commands of all projects that the caller can see, the newest first.")
            .Sorts(SortNames.ByCreatedAt)
            .Produces<Page<RunDto>>();
        runs.MapGet("/search", SearchAsync)
            .WithName("SearchRuns")
            .WithSummary("Search in the logs of runs")
            .WithDescription(
                "The first lines that contain a text, in the logs of the newest runs first. Escape sequences are ignored. One answer "
                    + "searches for about a second, or less when it has found some; next_cursor continues, also after an answer without "
                    + "items. next of an item continues in the log of its run."
            )
            .IsExpensive()
            .Produces<RunSearchPage>();
        runs.MapGet("/{id}", (Guid id, IMediator mediator, CancellationToken cancel) => mediator.Send(new GetRun(id), cancel))
            .WithName("GetRun")
            .WithSummary("Get a run")
            .WithDescription(
                "What was executed, where, by whom, and how its processes ended. Its log is at /api/v1/jobs/{id}/log, and "
                    + "/api/v1/jobs/{id}/cancel ends it: the job has the id of the run."
            )
            .Produces<RunDto>()
            .Fails(404);
        runs.MapGet("/{id}/hosts", (Guid id, IMediator mediator, CancellationToken cancel) => mediator.Send(new ListRunHosts(id), cancel))
            .WithName("ListRunHosts")
            .WithSummary("List the hosts of a run")
            .WithDescription("The hosts of a run on several, each with the run on it, which has a log of its own.")
            .Produces<RunHostsDto>()
            .Fails(404);
        runs.MapPost("/{id}/repeat", RepeatAsync)
            .WithName("RepeatRun")
            .WithSummary("Repeat a run")
            .WithDescription("Requests a run with exactly the inputs of this one, also when the command was changed or deleted since.")
            .Produces<RunDto>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        runs.MapPost("/{id}/approve", ApproveAsync)
            .WithName("ApproveRun")
            .WithSummary("Approve a run")
            .WithDescription("A second person, whose role the command names, lets a run start that waits for that. Its requester cannot.")
            .Produces<RunDto>()
            .Fails(404, 409);
        runs.MapPost("/{id}/reject", RejectAsync)
            .WithName("RejectRun")
            .WithSummary("Reject a run")
            .WithDescription("A second person ends a run that waits for an approval. Its requester cancels it instead.")
            .Produces<RunDto>()
            .Fails(404, 409);
    }

    private static Task<Page<RunDto>> ListAsync(
        IMediator mediator,
        [AsParameters] PageQuery page,
        [AsParameters] RunQuery query,
        CancellationToken cancel
    ) => mediator.Send(new ListRuns(page.ToRequest(), query.ToFilter()), cancel);

    private static Task<RunSearchPage> SearchAsync(
        IMediator mediator,
        string? q,
        [FromQuery(Name = "case_sensitive")] bool? caseSensitive,
        int? context,
        int? limit,
        string? cursor,
        [AsParameters] RunQuery query,
        CancellationToken cancel
    ) => mediator.Send(new SearchRuns(q, caseSensitive ?? false, context ?? 0, new PageRequest(limit, cursor), query.ToFilter()), cancel);

    private static async Task<IResult> RepeatAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(new RepeatRun(id), cancel));

    private static Task<RunDto> ApproveAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new DecideRun(id, IsApproved: true, null), cancel);

    private static Task<RunDto> RejectAsync(Guid id, RejectRunBody body, IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new DecideRun(id, IsApproved: false, body.Reason), cancel);
}
