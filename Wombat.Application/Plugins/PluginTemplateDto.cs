using Wombat.Domain.Plugins;

namespace Wombat.Application.Plugins;

/// <summary>A template that containers are created from.</summary>
/// <param name="Name">The name for requests.</param>
/// <param name="Description">A description for users.</param>
/// <param name="AcceptsSshKeys">Whether its containers take SSH keys.</param>
/// <param name="ChangesSshKeys">Whether the keys of a running container can be replaced.</param>
public sealed record PluginTemplateDto(string Name, string Description, bool AcceptsSshKeys, bool ChangesSshKeys)
{
    public static PluginTemplateDto Of(PluginTemplate template) =>
        new(template.Name, template.Description, template.AcceptsSshKeys, template.ChangesSshKeys);
}
