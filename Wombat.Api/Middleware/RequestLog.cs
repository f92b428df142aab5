using Wombat.Api.Http;
using Wombat.Application.Access;

namespace Wombat.Api.Middleware;

/// <summary>
/// Logs each failed request with the trace id of its response; with access_log all requests. Omits query strings and bodies, which may
/// contain secrets. Limits the number of lines per second.
/// </summary>
internal sealed class RequestLog(RequestDelegate next, ApiOptions options, TimeProvider clock, ILogger<RequestLog> log)
{
    /// <summary>The key in HttpContext.Items of the error code.</summary>
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
        // Percent-encoded, so that control characters do not reach a terminal.
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
        int suppressed;
        lock (gate)
        {
            var now = clock.GetTimestamp() / clock.TimestampFrequency;
            suppressed = now != second ? omitted : 0;
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

        if (suppressed > 0)
        {
            log.LogWarning("{Count} more requests failed in this second and were not logged", suppressed);
        }

        return true;
    }
}
