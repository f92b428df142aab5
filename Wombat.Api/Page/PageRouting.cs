using Microsoft.AspNetCore.Authorization;
using Microsoft.Net.Http.Headers;
using Wombat.Api.Http;

namespace Wombat.Api.Page;

/// <summary>
/// Selects the endpoint of the web page for requests that no other endpoint matches. It is not a route: a route for all paths would answer
/// GET where an endpoint of the API exists for other methods only, which is 405.
/// </summary>
internal sealed class PageRouting(RequestDelegate next, PageFiles files)
{
    // Unknown paths below these are errors of the API for every caller, browsers included.
    private static readonly PathString[] Others = ["/api", "/docs", "/health", "/metrics", "/openapi"];

    private const string NotBuilt = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <title>Wombat</title>
        <h1>Wombat</h1>
        <p>The web page was not built. With Node.js 20 or later, run <code>make page</code> and start Wombat again.</p>
        <p>The API works without it: <a href="/docs">its documentation</a>, <a href="/openapi/v1.json">OpenAPI document</a>.</p>
        </html>

        """;

    private readonly Endpoint endpoint = new(
        context => SendAsync(context, files),
        new EndpointMetadataCollection(new AllowAnonymousAttribute(), new PageMetadata()),
        "web page"
    );

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is null && HttpMethods.IsGet(context.Request.Method) && IsOfPage(context.Request))
        {
            context.SetEndpoint(endpoint);
        }

        return next(context);
    }

    private bool IsOfPage(HttpRequest request) =>
        IsRoot(request)
        || files.TryGet(request.Path.Value, out _)
        || request.Path.StartsWithSegments(PageFiles.AssetFolder, StringComparison.Ordinal)
        || AcceptsHtml(request) && !Array.Exists(Others, o => request.Path.StartsWithSegments(o, StringComparison.OrdinalIgnoreCase));

    private static Task SendAsync(HttpContext context, PageFiles files)
    {
        if (files.TryGet(context.Request.Path.Value, out var file))
        {
            return file.SendAsync(context);
        }

        // A tab that was opened before an update asks for files of the old version: HTML instead of a script would hide that.
        if (context.Request.Path.StartsWithSegments(PageFiles.AssetFolder, StringComparison.Ordinal))
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        if (files.Index is { } index)
        {
            return index.SendAsync(context);
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.StatusCode = IsRoot(context.Request) ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
        return context.Response.WriteAsync(NotBuilt, context.RequestAborted);
    }

    private static bool IsRoot(HttpRequest request) => request.Path.Value is "/" or "" or null;

    // Browsers name HTML when they open an address; programs that accept anything get the API's error.
    private static bool AcceptsHtml(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var types)
        && types.Any(t => t.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase) && t.Quality is not 0);
}
