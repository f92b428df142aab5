using Microsoft.Extensions.FileProviders;

namespace Wombat.Api.Endpoints;

/// <summary>The OpenAPI document, and a page to read and try it. Nothing is loaded from another host.</summary>
internal static class ApiPages
{
    private static readonly string[] Assets = ["swagger-ui.css", "swagger-ui-bundle.js"];

    public static void MapApiPages(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        var files = new PhysicalFileProvider(AppContext.BaseDirectory);
        app.MapGet("/", () => TypedResults.Redirect("/docs")).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/docs", () => File(files, "docs/index.html", "text/html; charset=utf-8")).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/docs/start.js", () => File(files, "docs/start.js", "text/javascript; charset=utf-8"))
            .AllowAnonymous()
            .ExcludeFromDescription();
        foreach (var asset in Assets)
        {
            var type = asset.EndsWith(".css", StringComparison.Ordinal) ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
            app.MapGet("/docs/" + asset, () => File(files, "docs/" + asset, type)).AllowAnonymous().ExcludeFromDescription();
        }
    }

    private static IResult File(PhysicalFileProvider files, string path, string type) =>
        files.GetFileInfo(path) is { Exists: true } file ? TypedResults.PhysicalFile(file.PhysicalPath!, type) : TypedResults.NotFound();
}
