using MediatR;
using Wombat.Application.Common;
using Wombat.Application.Containers;
using Wombat.Application.Metrics;
using Wombat.Application.Plugins;

namespace Wombat.Api.Endpoints;

internal static class PluginEndpoints
{
    public static void MapPlugins(this IEndpointRouteBuilder api) =>
        api.MapGet("/plugins", ListAsync)
            .WithTags("Plugins")
            .WithName("ListPlugins")
            .WithSummary("List plugins")
            .WithDescription("The plugins, their templates and their health.")
            .Produces<Page<PluginDto>>();

    public static void MapTemplates(this IEndpointRouteBuilder api) =>
        api.MapGet("/templates", ListTemplatesAsync)
            .WithTags("Plugins")
            .WithName("ListTemplates")
            .WithSummary("List templates")
            .WithDescription(
                "What containers can be created from, over all plugin instances. A template that is not cached is built or fetched at "
                    + "its first use. Updated at the interval of the health checks."
            )
            .Produces<Page<TemplateDto>>();

    public static void MapSizes(this IEndpointRouteBuilder api) =>
        api.MapGet("/sizes", ListSizesAsync)
            .WithTags("Plugins")
            .WithName("ListSizes")
            .WithSummary("List sizes")
            .WithDescription("The named sizes of containers, for the field size of requests. Any other size is given by its values.")
            .Produces<Page<SizeDto>>();

    public static void MapMetrics(this IEndpointRouteBuilder root) => root.MapGet("/metrics", MetricsAsync).ExcludeFromDescription();

    private static Task<Page<PluginDto>> ListAsync(IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new ListPlugins(), cancel);

    private static Task<Page<TemplateDto>> ListTemplatesAsync(IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new ListTemplates(), cancel);

    private static Task<Page<SizeDto>> ListSizesAsync(IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new ListSizes(), cancel);

    private static async Task<IResult> MetricsAsync(IMediator mediator, CancellationToken cancel) =>
        TypedResults.Text(await mediator.Send(new ReadMetrics(), cancel), "text/plain; version=0.0.4; charset=utf-8");
}
