using System.Text.Json.Nodes;

namespace Wombat.Forge;

/// <summary>An image from which containers are created.</summary>
/// <param name="ChangesSshKeys">Whether SSH keys can be replaced in a running container.</param>
internal sealed record Template(string Name, string Description, bool AcceptsSshKeys, bool ChangesSshKeys)
{
    public JsonObject ToJson() =>
        new()
        {
            ["name"] = Name,
            ["description"] = Description,
            ["accepts_ssh_keys"] = AcceptsSshKeys,
            ["changes_ssh_keys"] = ChangesSshKeys,
        };
}
