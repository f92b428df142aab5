using Wombat.Domain.Plugins;

namespace Wombat.Application.Plugins;

/// <summary>A template of one plugin instance.</summary>
/// <param name="Plugin">The plugin instance, for the field plugin of requests.</param>
/// <param name="Name">The name for requests.</param>
/// <param name="Description">A description for users.</param>
/// <param name="Version">Changes when the image changes.</param>
/// <param name="AcceptsSshKeys">Whether its containers take SSH keys.</param>
/// <param name="ChangesSshKeys">Whether the keys of a running container can be replaced.</param>
/// <param name="Cached">Whether a container is created at once; otherwise its image is built or fetched first.</param>
/// <param name="FirstUseSeconds">How long the first use takes in seconds, about; 0 when the image is cached.</param>
/// <param name="MinMemory">The least memory of a container in MiB.</param>
/// <param name="MinDisk">The least disk of a container in GiB.</param>
/// <param name="AcceptsUserData">Whether its containers take user data, a script for their first start.</param>
/// <param name="DefaultMemory">The memory in MiB of a container without one; null for no limit, or if unknown.</param>
/// <param name="DefaultDisk">The disk in GiB of a container without one; null for no limit, or if unknown.</param>
/// <param name="MaxCpu">The cores of the machine of local containers; null otherwise.</param>
/// <param name="MaxMemory">The memory of that machine in MiB.</param>
/// <param name="FreeMemory">What of it was not in use at the last check, in MiB.</param>
/// <param name="FreeDisk">The disk that was not in use at the last check, in GiB.</param>
public sealed record TemplateDto(
    string Plugin,
    string Name,
    string Description,
    string? Version,
    bool AcceptsSshKeys,
    bool ChangesSshKeys,
    bool? Cached,
    int? FirstUseSeconds,
    int? MinMemory,
    int? MinDisk,
    bool AcceptsUserData,
    int? DefaultMemory,
    int? DefaultDisk,
    int? MaxCpu,
    int? MaxMemory,
    int? FreeMemory,
    int? FreeDisk
)
{
    public static TemplateDto Of(string plugin, PluginTemplate template) =>
        new(
            plugin,
            template.Name,
            template.Description,
            template.Version,
            template.AcceptsSshKeys,
            template.ChangesSshKeys,
            template.Cached,
            template.FirstUseSeconds,
            template.MinMemory,
            template.MinDisk,
            template.AcceptsUserData,
            template.DefaultMemory,
            template.DefaultDisk,
            template.MaxCpu,
            template.MaxMemory,
            template.FreeMemory,
            template.FreeDisk
        );
}
