namespace Wombat.Domain.Plugins;

/// <summary>A template from which containers are created.</summary>
/// <param name="Name">The name that a request for a container uses.</param>
/// <param name="Description">A description for users.</param>
/// <param name="AcceptsSshKeys">Whether containers of this template accept SSH keys.</param>
/// <param name="ChangesSshKeys">Whether the keys of a running container can be replaced.</param>
public sealed record PluginTemplate(string Name, string Description, bool AcceptsSshKeys, bool ChangesSshKeys);
