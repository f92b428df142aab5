using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Http;

namespace Wombat.Api.Errors;

/// <summary>Writes a problem as an HTML page, for the few endpoints that browsers open directly.</summary>
internal static class ProblemHtmlWriter
{
    /// <summary>Whether the response is for a browser.</summary>
    public static bool IsFor(HttpContext http) =>
        (http.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? http.GetEndpoint())?.Metadata.GetMetadata<RendersHtmlErrorsAttribute>()
            is not null
        && MediaTypes.Preferred(http, "application/problem+json", "text/html") == "text/html";

    public static Task WriteAsync(HttpContext http, ProblemDetails problem)
    {
        string Text(object? value) => HtmlEncoder.Default.Encode(value?.ToString() ?? "");
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync(
            $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Wombat: {Text(
                problem.Title
            )}</title></head>
            <body>
            <h1>{Text(problem.Detail)}</h1>
            <p>{Text(problem.Status)} {Text(problem.Extensions["code"])}. The server log has the details under the trace id {Text(
                problem.Extensions["trace_id"]
            )}.</p>
            <p><a href="/">Back to Wombat</a></p>
            </body>
            </html>

            """,
            CancellationToken.None
        );
    }
}
