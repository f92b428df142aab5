namespace Wombat.Application.Plugins;

/// <summary>A plugin instance, which provides resources.</summary>
/// <param name="Name">The name of the plugin instance.</param>
/// <param name="Type">The plugin type, such as proxmox.</param>
/// <param name="Kind">The kind of resources that it provides.</param>
/// <param name="Abilities">The abilities besides create and delete.</param>
/// <param name="Templates">The templates of its resources.</param>
public sealed record PluginDto(
    string Name,
    string Type,
    string Kind,
    IReadOnlyList<string> Abilities,
    IReadOnlyList<TemplateDto> Templates,
    PluginHealthDto Health
);
