namespace Wombat.Domain.Plugins;

/// <summary>A template that containers are made from.</summary>
/// <param name="Name">The name that a request for a container uses.</param>
/// <param name="Description">What it is, for people.</param>
/// <param name="AcceptsSshKeys">Whether containers of it take SSH keys.</param>
/// <param name="ChangesSshKeys">Whether the keys of a running container can be replaced.</param>
public sealed record PluginTemplate(string Name, string Description, bool AcceptsSshKeys, bool ChangesSshKeys);
