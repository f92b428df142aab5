using MediatR;
using Wombat.Application.Common;
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

    public static void MapMetrics(this IEndpointRouteBuilder root) => root.MapGet("/metrics", MetricsAsync).ExcludeFromDescription();

    private static Task<Page<PluginDto>> ListAsync(IMediator mediator, CancellationToken cancel) =>
        mediator.Send(new ListPlugins(), cancel);

    private static async Task<IResult> MetricsAsync(IMediator mediator, CancellationToken cancel) =>
        TypedResults.Text(await mediator.Send(new ReadMetrics(), cancel), "text/plain; version=0.0.4; charset=utf-8");
}
