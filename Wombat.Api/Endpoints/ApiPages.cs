using NSwag.AspNetCore;

namespace Wombat.Api.Endpoints;

/// <summary>The OpenAPI document, and a page to read and try it. Nothing is loaded from another host.</summary>
internal static class ApiPages
{
    public static void MapApiPages(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        var page = ApiPage(app);

        // A method without parameters, so that StrictQueryParameters rejects ?url=…, which would show another document.
        app.MapGet("/docs/{**file}", page).AllowAnonymous().ExcludeFromDescription().WithMetadata(page.Method);
    }

    private static RequestDelegate ApiPage(IApplicationBuilder app)
    {
        var branch = app.New();

        // The middleware serves nothing while an endpoint is selected.
        branch.Use(
            (context, next) =>
            {
                context.SetEndpoint(null);
                return next(context);
            }
        );
        branch.UseSwaggerUi(ui =>
        {
            ui.Path = "/docs";
            ui.DocumentTitle = "Wombat API";
            ui.CustomHeadContent = "<style>.swagger-ui .topbar { display: none }</style>";
            ui.AdditionalSettings["tryItOutEnabled"] = true;
            ui.SwaggerRoutes.Add(new SwaggerUiRoute("v1", "/openapi/v1.json"));
        });
        return branch.Build();
    }
}
