using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Http;
using Wombat.Api.Live;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;

namespace Wombat.Api.Endpoints;

internal static class JobEndpoints
{
    public static void MapJobs(this IEndpointRouteBuilder api)
    {
        var jobs = api.MapGroup("/jobs").WithTags("Jobs");
        jobs.MapGet("/", ListAsync)
            .WithName("ListJobs")
            .WithSummary("List jobs")
            .WithDescription("The jobs of all projects that the caller can read, the newest first.")
            .Sorts(SortNames.ByCreatedAt)
            .Produces<Page<JobDto>>();
        jobs.MapGet("/{id}", GetAsync)
            .WithName("GetJob")
            .WithSummary("Get a job")
            .WithDescription("With wait= the answer comes when the job has ended, or with the job as it is after that time.")
            .Produces<JobDto>()
            .Fails(404);
        jobs.MapGet("/{id}/log", LogAsync)
            .WithName("GetJobLog")
            .WithSummary("Get a job's log")
            .WithDescription(
                "A page of lines as JSON. With Accept: text/event-stream, as a WebSocket, or with follow=true as text, the lines as they "
                    + "are written, until the job has ended; the end says how it ended. With speed= such a stream replays the stored lines "
                    + "in the time in which they were written, so many times as fast."
            )
            .IsExpensive()
            .Produces<LogPage>()
            .Fails(404)
            .Streams("text/event-stream", "text/plain")
            .Upgrades();
        jobs.MapGet("/{id}/log/search", SearchLogAsync)
            .WithName("SearchJobLog")
            .WithSummary("Search in a job's log")
            .WithDescription(
                "The lines that contain a text. Escape sequences and control characters are ignored. One answer searches up to 64 MiB of "
                    + "the log; next continues it. limit=0 only counts. With first_error=true, the first line of stderr that has a word "
                    + "of an error (error, fatal, failed, failure, exception, panic, traceback, cannot, denied), or if there is none in "
                    + "the part that was searched, the first such line of the other streams."
            )
            .IsExpensive()
            .Produces<LogSearchPage>()
            .Fails(404);
        jobs.MapPost("/{id}/cancel", CancelAsync)
            .WithName("CancelJob")
            .WithSummary("Cancel a job")
            .WithDescription("A waiting job ends at once; a running one when its processes are gone.")
            .Produces<AcceptedJob>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        jobs.MapPost("/{id}/retry", RetryAsync)
            .WithName("RetryJob")
            .WithSummary("Retry a job")
            .WithDescription("Queues a failed or cancelled job again.")
            .Produces<AcceptedJob>(202)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
    }

    private static Task<Page<JobDto>> ListAsync(
        IMediator mediator,
        [AsParameters] PageQuery page,
        [FromQuery(Name = "project_id")] Guid? projectId,
        [FromQuery(Name = "resource_id")] Guid? resourceId,
        string[]? status,
        string? kind,
        CancellationToken cancel
    ) =>
        mediator.Send(
            new ListJobs(page.ToRequest(), new JobFilter(projectId, resourceId, EnumQuery.ParseList<JobState>("status", status), kind)),
            cancel
        );

    private static Task<JobDto> GetAsync(
        Guid id,
        string? wait,
        HttpContext http,
        IMediator mediator,
        JobWait waiting,
        CancellationToken cancel
    ) => JobWait.Parse(wait) is { } atMost ? waiting.WaitForEndAsync(http, id, atMost) : mediator.Send(new GetJob(id), cancel);

    private static async Task<IResult> LogAsync(
        Guid id,
        HttpContext http,
        IMediator mediator,
        LogStreams streams,
        long? after,
        int? limit,
        bool? follow,
        long? before,
        int? tail,
        double? speed,
        [FromQuery(Name = "max_pause")] double? maxPause,
        CancellationToken cancel
    )
    {
        EnsureOnePosition(after, before, tail);
        var replay = LogReplay.Of(speed, maxPause);
        var form = MediaTypes.Preferred(http, MediaTypes.Json, MediaTypes.EventStream, MediaTypes.PlainText);
        if (http.WebSockets.IsWebSocketRequest || follow == true || replay is not null || form != MediaTypes.Json)
        {
            StreamPosition.EnsureNoPage(limit);
            StreamPosition.EnsureNoPage("before", before);
            var start = StreamPosition.Of(http, after);
            var position = new LogPosition(id, start ?? 0, start is null ? tail : null, replay);
            await (
                http.WebSockets.IsWebSocketRequest ? streams.SendMessagesAsync(http, position)
                : form == MediaTypes.EventStream ? streams.SendEventsAsync(http, position)
                : streams.SendTextAsync(http, position, follow == true || replay is not null)
            );
            return Results.Empty;
        }

        var page = tail is { } lines
            ? new GetJobLog(id, 0, lines, long.MaxValue)
            : new GetJobLog(id, after ?? 0, limit ?? GetJobLog.DefaultLimit, before);
        return TypedResults.Ok(await mediator.Send(page, cancel));
    }

    private static Task<LogSearchPage> SearchLogAsync(
        Guid id,
        IMediator mediator,
        string? q,
        long? from,
        long? to,
        int? limit,
        string? direction,
        [FromQuery(Name = "case_sensitive")] bool? caseSensitive,
        [FromQuery(Name = "first_error")] bool? firstError,
        string[]? stream,
        int? context,
        CancellationToken cancel
    ) =>
        mediator.Send(
            new SearchJobLog(
                id,
                q,
                from,
                to,
                limit ?? SearchJobLog.DefaultLimit,
                EnumQuery.Parse<SearchDirection>("direction", direction) ?? SearchDirection.Forward,
                caseSensitive ?? false,
                firstError ?? false,
                EnumQuery.ParseList<LogStream>("stream", stream),
                context ?? 0
            ),
            cancel
        );

    private static void EnsureOnePosition(long? after, long? before, int? tail)
    {
        if (new object?[] { after, before, tail }.Count(p => p is not null) > 1)
        {
            throw new InvalidInputException(tail is not null ? "tail" : "before", "only one of after, before and tail can be given");
        }

        if (tail is < 1 or > GetJobLog.MaxLimit)
        {
            throw new InvalidInputException("tail", $"must be from 1 to {GetJobLog.MaxLimit}");
        }
    }

    private static async Task<IResult> CancelAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(new CancelJob(id), cancel));

    private static async Task<IResult> RetryAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Accepted(await mediator.Send(new RetryJob(id), cancel));
}
