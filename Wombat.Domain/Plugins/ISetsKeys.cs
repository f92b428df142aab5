namespace Wombat.Domain.Plugins;

/// <summary>Ability: replaces the SSH keys in a running resource, where its template allows it.</summary>
public interface ISetsKeys
{
    /// <param name="sshKeys">All keys that Wombat manages. Keys that users added inside the resource stay.</param>
    Task SetKeysAsync(ResourceRef resource, IReadOnlyList<string> sshKeys, IPluginLog log, CancellationToken cancel);
}
