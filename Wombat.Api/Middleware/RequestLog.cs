using Wombat.Api.Http;
using Wombat.Application.Access;

namespace Wombat.Api.Middleware;

/// <summary>
/// A line for each request that failed, under the trace id that its answer carries; with access_log one for every request.
/// Never the query string or a body, which may hold secrets. A flood of failures is cut to so many lines a second.
/// </summary>
internal sealed class RequestLog(RequestDelegate next, ApiOptions options, TimeProvider clock, ILogger<RequestLog> log)
{
    /// <summary>Under this key of the request's items lies the code of its problem.</summary>
    public const string CodeKey = "problem_code";

    private const int LinesPerSecond = 20;
    private const int PathMax = 200;

    private readonly Lock gate = new();
    private long second;
    private int lines;
    private int omitted;

    public async Task InvokeAsync(HttpContext context, RequestContext request)
    {
        var from = clock.GetTimestamp();
        await next(context);
        var status = context.Response.StatusCode;
        if (options.AccessLog)
        {
            Write(
                LevelOf(status) is var level && level < LogLevel.Information ? LogLevel.Information : level,
                context,
                request,
                status,
                from
            );
        }
        else if (status >= StatusCodes.Status400BadRequest && log.IsEnabled(LevelOf(status)) && MayWrite())
        {
            Write(LevelOf(status), context, request, status, from);
        }
    }

    private static LogLevel LevelOf(int status) =>
        status switch
        {
            StatusCodes.Status429TooManyRequests or StatusCodes.Status499ClientClosedRequest => LogLevel.Debug,
            >= StatusCodes.Status500InternalServerError => LogLevel.Warning,
            _ => LogLevel.Information,
        };

    private void Write(LogLevel level, HttpContext context, RequestContext request, int status, long from)
    {
        // Percent-encoded, so that no control character reaches a terminal.
        var path = context.Request.Path.ToUriComponent();
        log.Log(
            level,
            "{Method} {Path} answered {Status} {Code} in {Milliseconds:F1} ms to {Caller} from {Address} (trace id {TraceId})",
            HeadRequests.IsHead(context) ? HttpMethods.Head : context.Request.Method,
            path.Length > PathMax ? path[..PathMax] : path,
            status,
            context.Items[CodeKey] ?? "-",
            clock.GetElapsedTime(from).TotalMilliseconds,
            request.Caller?.Name ?? "anonymous",
            request.Address,
            RequestTrace.IdOf(context)
        );
    }

    private bool MayWrite()
    {
        int unsaid;
        lock (gate)
        {
            var now = clock.GetTimestamp() / clock.TimestampFrequency;
            unsaid = now != second ? omitted : 0;
            if (now != second)
            {
                (second, lines, omitted) = (now, 0, 0);
            }

            if (++lines > LinesPerSecond)
            {
                omitted++;
                return false;
            }
        }

        if (unsaid > 0)
        {
            log.LogWarning("{Count} more requests failed in that second and are not logged", unsaid);
        }

        return true;
    }
}
