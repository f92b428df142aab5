using System.Text.Json.Nodes;

namespace Wombat.Forge;

/// <summary>Manages containers. Every call is idempotent: a create with a known key returns the existing container.</summary>
internal interface IBackend
{
    Task<Guest> CreateAsync(CreateRequest request, CancellationToken cancel);

    /// <summary>
    /// Lists every container that has a key, including several with the same key. Containers whose key cannot be read have the
    /// status unknown.
    /// </summary>
    Task<IReadOnlyList<Guest>> ListAsync(CancellationToken cancel);

    /// <param name="key">If given, a container with another key counts as not found. The same holds for the methods below.</param>
    /// <exception cref="ForgeException">NotFound if the container certainly does not exist; Unavailable if that is unknown.</exception>
    Task<Guest> StatusAsync(string id, string? key, CancellationToken cancel);

    Task<Guest> StartAsync(string id, string? key, CancellationToken cancel);

    Task<Guest> StopAsync(string id, string? key, CancellationToken cancel);

    Task<Guest> RestartAsync(string id, string? key, CancellationToken cancel);

    Task DeleteAsync(string id, string? key, CancellationToken cancel);

    /// <summary>Replaces the SSH keys that Wombat installed in a running container. Keys that users added themselves stay.</summary>
    /// <exception cref="ForgeException">NotFound; Conflict if it is not running; Usage if the back end does not support it.</exception>
    Task<Guest> SetKeysAsync(string id, string? key, IReadOnlyList<string> sshKeys, CancellationToken cancel);

    Task<IReadOnlyList<string>> LogsAsync(string id, CancellationToken cancel);

    Task<IReadOnlyList<Template>> TemplatesAsync(CancellationToken cancel);

    /// <summary>Describes the back end if it is healthy; throws otherwise.</summary>
    Task<string> HealthAsync(CancellationToken cancel);
}

/// <param name="Memory">MiB.</param>
/// <param name="Disk">GiB.</param>
/// <param name="Key">The caller's idempotency key, by which it finds the container again.</param>
internal sealed record CreateRequest(
    string Name,
    string Template,
    string? Key,
    int? Cpu,
    int? Memory,
    int? Disk,
    IReadOnlyList<string> SshKeys
);

/// <param name="Status">running, stopped, creating, broken or unknown.</param>
/// <param name="Note">A message for the user, such as a limit that was not applied.</param>
internal sealed record Guest(string Id, string Name, string? Key, string? Template, string Status, string? Ip, string? Note)
{
    public JsonObject ToJson() =>
        new()
        {
            ["id"] = Id,
            ["name"] = Name,
            ["key"] = Key,
            ["template"] = Template,
            ["status"] = Status,
            ["ip"] = Ip,
            ["note"] = Note,
        };
}

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
