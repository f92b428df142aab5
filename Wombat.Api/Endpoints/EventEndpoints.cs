using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Live;
using Wombat.Application.Audit;
using Wombat.Application.Common;

namespace Wombat.Api.Endpoints;

internal static class EventEndpoints
{
    public static void MapEvents(this IEndpointRouteBuilder api) => api.MapGet("/events", ListAsync).WithTags("Events").WithName("ListEvents").Produces<Page<EventDto>>()
        .WithSummary("A page as JSON; with Accept: text/event-stream the live events, resumed by Last-Event-ID.");

    private static async Task<IResult> ListAsync(
        HttpContext http, IMediator mediator, EventStream stream, int? limit, string? cursor, string? sort, [FromQuery(Name = "project_id")] Guid? projectId, string? action, CancellationToken cancel)
    {
        if (http.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            var after = StreamPosition.Of(http, cursor is null ? null : ListEvents.ParsePosition(cursor));
            await stream.SendAsync(http, new ListEvents(new PageRequest(PageRequest.MaxLimit), projectId, action), after);
            return Results.Empty;
        }

        return TypedResults.Ok(await mediator.Send(new ListEvents(Answers.Page(limit, cursor, sort), projectId, action), cancel));
    }
}
