using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Access;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Plugins;

[RequirePermission(Permission.PluginRead)]
public sealed record ListPlugins : IRequest<Page<PluginDto>>;

internal sealed class ListPluginsHandler(IPluginMonitor monitor, ProjectAccessService projectAccess, TimeProvider clock)
    : IRequestHandler<ListPlugins, Page<PluginDto>>
{
    public Task<Page<PluginDto>> Handle(ListPlugins request, CancellationToken cancellationToken) =>
        Task.FromResult(new Page<PluginDto>([.. monitor.Reports.Select(ToDto)], NextCursor: null));

    private PluginDto ToDto(PluginReport report)
    {
        var plugin = report.Instance.Plugin;
        string[] abilities =
        [
            .. plugin is IOperatesResources ? (string[])["start", "stop", "restart"] : [],
            .. plugin is IListsResources ? (string[])["list"] : [],
            .. plugin is IOffersTemplates ? (string[])["plan", "templates"] : [],
            .. plugin is ISetsKeys ? (string[])["keys"] : [],
            .. plugin is IExecutesCommands ? (string[])["exec"] : [],
            .. plugin is IResizesContainers ? (string[])["resize"] : [],
            .. plugin is IRenamesResources ? (string[])["rename"] : [],
            .. plugin is IRebuildsResources ? (string[])["rebuild"] : [],
            .. plugin is ISnapshotsResources ? (string[])["snapshots"] : [],
            .. plugin is IPlacesContainers ? (string[])["nodes"] : [],
            .. plugin is IOpensConsoles ? (string[])["console"] : [],
        ];
        var status =
            report.Health is null ? "unknown"
            : report.Health.Healthy ? "healthy"
            : "unhealthy";
        var age = report.CheckedAt is { } at ? Math.Round((clock.GetUtcNow() - at).TotalSeconds, 1) : (double?)null;
        return new PluginDto(
            plugin.Name,
            report.Instance.Type,
            report.Kind,
            abilities,
            [.. (report.Templates ?? []).Select(t => TemplateDto.Of(plugin.Name, t))],
            new PluginHealthDto(status, report.HealthMessage(projectAccess.HasFullAccess), report.CheckedAt, age)
        );
    }
}
