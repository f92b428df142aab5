using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Pipeline;
using Wombat.Domain.Plugins;
using Wombat.Domain.Users;

namespace Wombat.Application.Plugins;

[Requires(Permission.PluginRead)]
public sealed record ListPlugins : IRequest<Page<PluginDto>>;

/// <summary>A plugin as the API shows it.</summary>
public sealed record PluginDto(string Name, string Kind, IReadOnlyList<string> Abilities, IReadOnlyList<PluginTemplate> Templates, PluginHealthDto Health);

/// <param name="Status"><c>healthy</c>, <c>unhealthy</c> or, before the first look, <c>unknown</c>.</param>
/// <param name="Message">What the plugin says of itself, for admins alone: it may tell of paths and of what others have.</param>
/// <param name="AgeSeconds">How old the look is.</param>
public sealed record PluginHealthDto(string Status, string Message, DateTimeOffset? CheckedAt, double? AgeSeconds);

internal sealed class ListPluginsHandler(IPluginMonitor monitor, Standings standings, TimeProvider clock) : IRequestHandler<ListPlugins, Page<PluginDto>>
{
    public Task<Page<PluginDto>> Handle(ListPlugins request, CancellationToken cancellationToken) =>
        Task.FromResult(new Page<PluginDto>([.. monitor.Reports.Select(ToDto)], NextCursor: null));

    private string Message(PluginReport report) =>
        report.Health is null ? "not checked yet"
        : standings.AreFull ? report.Health.Message
        : report.Health.Healthy ? "The plugin is healthy."
        : "The plugin is unhealthy; an admin can see why.";

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
        var status = report.Health is null ? "unknown" : report.Health.Healthy ? "healthy" : "unhealthy";
        var age = report.CheckedAt is { } at ? Math.Round((clock.GetUtcNow() - at).TotalSeconds, 1) : (double?)null;
        return new PluginDto(plugin.Name, plugin.Kind, abilities, report.Templates ?? [], new PluginHealthDto(status, Message(report), report.CheckedAt, age));
    }
}
