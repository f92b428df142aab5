using System.Diagnostics;

namespace Wombat.Api.Middleware;

/// <summary>
/// The trace id of each request: always Wombat's own, on every answer. The traceparent that a client sends is kept beside it,
/// since a client could otherwise choose the id under which the audit and the log know its requests.
/// </summary>
internal sealed class RequestTrace(RequestDelegate next)
{
    public const string Header = "Trace-Id";

    public Task InvokeAsync(HttpContext context)
    {
        Apply(context);
        return next(context);
    }

    /// <summary>Again where an error has cleared the headers.</summary>
    public static void Apply(HttpContext context) => context.Response.Headers[Header] = IdOf(context);

    public static string IdOf(HttpContext context) => Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;

    /// <summary>The trace id of a valid traceparent (W3C Trace Context); null without one.</summary>
    public static string? ClientIdOf(HttpContext context) =>
        context.Request.Headers.TraceParent is [{ Length: > 0 } header] && ActivityContext.TryParse(header, null, out var parent)
            ? parent.TraceId.ToString()
            : null;
}
