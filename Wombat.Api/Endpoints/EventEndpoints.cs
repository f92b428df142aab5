using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Http;
using Wombat.Api.Live;
using Wombat.Application.Audit;
using Wombat.Application.Changes;
using Wombat.Application.Common;

namespace Wombat.Api.Endpoints;

internal static class EventEndpoints
{
    // The number of events that a stream holds in memory while its client is slow. An event may have 20 KB.
    private const int EventsAtOnce = 25;

    public static void MapEvents(this IEndpointRouteBuilder api)
    {
        api.MapGet("/events", ListAsync)
            .WithTags("Events")
            .WithName("ListEvents")
            .WithSummary("List events")
            .WithDescription(
                "A page as JSON, the oldest first. With Accept: text/event-stream the events as they happen, resumed by Last-Event-ID; "
                    + "with Accept: application/x-ndjson all that match, one a line."
            )
            .Sorts(SortNames.Events)
            .IsExpensive()
            .Produces<Page<EventDto>>()
            .Streams("text/event-stream", "application/x-ndjson");
        api.MapGet("/changes", FollowAsync)
            .WithTags("Events")
            .WithName("FollowChanges")
            .WithSummary("Follow changes")
            .WithDescription(
                "Tells what changes among the things that the caller may read, as text/event-stream: an event change for each, a "
                    + "heartbeat every 5 seconds, and reset where the changes since cursor or Last-Event-ID can no longer be told, so that "
                    + "the reader must read everything again. Without a position it begins with the newest."
            )
            .Produces<ChangeDto>(200, MediaTypes.EventStream)
            .Streams(MediaTypes.EventStream);
        api.MapGet("/audit/verification", VerifyAsync)
            .WithTags("Events")
            .WithName("VerifyAudit")
            .WithSummary("Verify the audit")
            .WithDescription("Computes the hash chain of all events anew and checks its signatures.")
            .IsExpensive()
            .Produces<AuditVerification>();
    }

    private static async Task<IResult> ListAsync(
        HttpContext http,
        IMediator mediator,
        EventStream stream,
        EventExport export,
        int? limit,
        string? cursor,
        string? sort,
        [FromQuery(Name = "project_id")] Guid? projectId,
        string? action,
        string? actor,
        [FromQuery(Name = "actor_id")] Guid? actorId,
        [FromQuery(Name = "target_id")] Guid? targetId,
        DateTimeOffset? from,
        DateTimeOffset? to,
        CancellationToken cancel
    )
    {
        var filter = new EventFilter(projectId, action, actor, actorId, targetId, from?.ToUniversalTime(), to?.ToUniversalTime());
        var form = MediaTypes.Preferred(http, MediaTypes.Json, MediaTypes.EventStream, MediaTypes.NewlineDelimitedJson);
        if (form == MediaTypes.EventStream)
        {
            StreamPosition.EnsureNoPage(limit, sort);
            var after = StreamPosition.Of(http, cursor is null ? null : ListEvents.ParsePosition(cursor));
            await stream.SendAsync(http, new ListEvents(new PageRequest(EventsAtOnce), filter), after);
            return Results.Empty;
        }

        if (form == MediaTypes.NewlineDelimitedJson)
        {
            StreamPosition.EnsureNoPage(limit, sort);
            await export.SendAsync(http, new ListEvents(new PageRequest(EventsAtOnce, cursor), filter));
            return Results.Empty;
        }

        return TypedResults.Ok(await mediator.Send(new ListEvents(new PageRequest(limit, cursor, sort), filter), cancel));
    }

    private static async Task<IResult> FollowAsync(HttpContext http, ChangeStream stream, string? cursor)
    {
        await stream.SendAsync(http, StreamPosition.Of(http, cursor is null ? null : ListEvents.ParsePosition(cursor)));
        return Results.Empty;
    }

    private static Task<AuditVerification> VerifyAsync(IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new VerifyAudit(), cancel);
}
