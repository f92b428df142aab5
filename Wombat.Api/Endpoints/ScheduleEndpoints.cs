using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Application.Commands;
using Wombat.Application.Common;

namespace Wombat.Api.Endpoints;

internal static class ScheduleEndpoints
{
    public static void MapSchedules(this IEndpointRouteBuilder api)
    {
        var schedules = api.MapGroup("/schedules").WithTags("Commands");
        schedules
            .MapGet("/", ListAsync)
            .WithName("ListSchedules")
            .WithSummary("List schedules")
            .WithDescription("The schedules of commands of all projects that the caller can see, the newest first.")
            .Sorts(SortNames.ByCreatedAt)
            .Produces<Page<ScheduleDto>>();
        schedules
            .MapPost("/", CreateAsync)
            .WithName("CreateSchedule")
            .WithSummary("Create a schedule")
            .WithDescription("It requests runs of the command in the name of the caller, with the access that the caller has then.")
            .Produces<ScheduleDto>(201)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        MapPlans(schedules);
        schedules
            .MapGet("/{id}", GetAsync)
            .WithName("GetSchedule")
            .WithSummary("Get a schedule")
            .WithDescription("When it fires, with what, and how its last fire went.")
            .Produces<ScheduleDto>()
            .Fails(404);
        schedules
            .MapPut("/{id}", UpdateAsync)
            .WithName("UpdateSchedule")
            .WithSummary("Replace a schedule")
            .WithDescription(
                "Sets all fields; one that is absent gets its default, but a secret that is absent stays. From then on it requests runs in "
                    + "the name of the caller, unless the change only pauses or resumes it."
            )
            .Produces<ScheduleDto>()
            .Fails(404, 409, 412);
        schedules
            .MapDelete("/{id}", DeleteAsync)
            .WithName("DeleteSchedule")
            .WithSummary("Delete a schedule")
            .WithDescription("The runs that it has requested stay; those under way go on.")
            .Produces(204)
            .Fails(404, 412);
    }

    private static void MapPlans(RouteGroupBuilder schedules)
    {
        schedules
            .MapPost(
                "/plan",
                (PlanScheduleBody body, IMediator mediator, CancellationToken cancel) => mediator.Send(body.ToRequest(), cancel)
            )
            .WithName("PlanSchedule")
            .WithSummary("Plan a schedule")
            .WithDescription("The next five fires of a cron expression in a time zone. Nothing is created.")
            .Produces<SchedulePlanDto>();
        schedules
            .MapGet("/fires", ListFiresAsync)
            .WithName("ListFires")
            .WithSummary("List the next fires")
            .WithDescription(
                "When the schedules will fire that the caller can see and that are not paused: from now or later, for at most 31 days, at "
                    + "most 1,000 fires; for a week when no end is given."
            )
            .Produces<FiresDto>()
            .Fails(404);
    }

    private static Task<Page<ScheduleDto>> ListAsync(
        IMediator mediator,
        [AsParameters] PageQuery page,
        [FromQuery(Name = "project_id")] Guid? projectId,
        [FromQuery(Name = "command_id")] Guid? commandId,
        CancellationToken cancel
    ) => mediator.Send(new ListSchedules(page.ToRequest(), projectId, commandId), cancel);

    private static Task<FiresDto> ListFiresAsync(
        IMediator mediator,
        [FromQuery(Name = "from")] DateTimeOffset? from,
        [FromQuery(Name = "to")] DateTimeOffset? to,
        [FromQuery(Name = "project_id")] Guid? projectId,
        CancellationToken cancel
    ) => mediator.Send(new ListFires(from, to, projectId), cancel);

    private static async Task<IResult> CreateAsync(CreateScheduleBody body, IMediator mediator, CancellationToken cancel)
    {
        var schedule = await mediator.Send(body.ToRequest(), cancel);
        return new VersionedResult<ScheduleDto>(schedule, StatusCodes.Status201Created, $"/api/v1/schedules/{schedule.Id}");
    }

    private static async Task<IResult> GetAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(new GetSchedule(id), cancel));

    private static async Task<IResult> UpdateAsync(
        Guid id,
        SaveScheduleBody body,
        HttpContext http,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Ok(await mediator.Send(new UpdateSchedule(id, body.ToFields(), ApiResults.IfMatch(http)), cancel));

    private static async Task<IResult> DeleteAsync(Guid id, HttpContext http, IMediator mediator, CancellationToken cancel)
    {
        await mediator.Send(new DeleteSchedule(id, ApiResults.IfMatch(http)), cancel);
        return TypedResults.NoContent();
    }
}
