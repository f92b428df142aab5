using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Access;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Plugins;

[RequirePermission(Permission.PluginRead)]
public sealed record ListPlugins : IRequest<Page<PluginDto>>;

/// <summary>A plugin: what provides resources.</summary>
/// <param name="Kind">The kind of resources that it provides.</param>
/// <param name="Abilities">What it can do beside creating and deleting.</param>
/// <param name="Templates">What its resources can be made from.</param>
public sealed record PluginDto(
    string Name,
    string Kind,
    IReadOnlyList<string> Abilities,
    IReadOnlyList<PluginTemplateDto> Templates,
    PluginHealthDto Health
);

/// <summary>The health of a plugin.</summary>
/// <param name="Status">healthy, unhealthy, or unknown before the first check.</param>
/// <param name="Message">What the plugin reported; its details are shown to admins only.</param>
/// <param name="CheckedAt">When it was checked.</param>
/// <param name="AgeSeconds">How many seconds ago it was checked.</param>
public sealed record PluginHealthDto(string Status, string Message, DateTimeOffset? CheckedAt, double? AgeSeconds);

internal sealed class ListPluginsHandler(IPluginMonitor monitor, ProjectAccessService projectAccess, TimeProvider clock)
    : IRequestHandler<ListPlugins, Page<PluginDto>>
{
    public Task<Page<PluginDto>> Handle(ListPlugins request, CancellationToken cancellationToken) =>
        Task.FromResult(new Page<PluginDto>([.. monitor.Reports.Select(ToDto)], NextCursor: null));

    private PluginDto ToDto(PluginReport report)
    {
        var plugin = report.Plugin;
        string[] abilities =
        [
            .. plugin is IOperatesResources ? (string[])["start", "stop", "restart"] : [],
            .. plugin is IListsResources ? (string[])["list"] : [],
            .. plugin is IOffersTemplates ? (string[])["plan", "templates"] : [],
            .. plugin is ISetsKeys ? (string[])["keys"] : [],
        ];
        var status =
            report.Health is null ? "unknown"
            : report.Health.Healthy ? "healthy"
            : "unhealthy";
        var age = report.CheckedAt is { } at ? Math.Round((clock.GetUtcNow() - at).TotalSeconds, 1) : (double?)null;
        return new PluginDto(
            plugin.Name,
            plugin.Kind,
            abilities,
            [.. (report.Templates ?? []).Select(PluginTemplateDto.Of)],
            new PluginHealthDto(status, report.HealthMessage(projectAccess.HasFullAccess), report.CheckedAt, age)
        );
    }
}
