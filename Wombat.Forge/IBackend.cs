using System.Text.Json.Nodes;

namespace Wombat.Forge;

/// <summary>Where containers are made. Every call may be repeated; a create with the same key answers what it made before.</summary>
internal interface IBackend
{
    Task<Guest> CreateAsync(CreateRequest request, CancellationToken cancel);

    /// <summary>All that bear a key, also two that bear the same, and with the status unknown all whose key cannot be read now.</summary>
    Task<IReadOnlyList<Guest>> ListAsync(CancellationToken cancel);

    /// <param name="key">When given, what bears another key is not found; so for all that follow.</param>
    /// <exception cref="ForgeException">NotFound, only where it is known that there is none; Unavailable where that cannot be told.</exception>
    Task<Guest> StatusAsync(string id, string? key, CancellationToken cancel);

    Task<Guest> StartAsync(string id, string? key, CancellationToken cancel);

    Task<Guest> StopAsync(string id, string? key, CancellationToken cancel);

    Task<Guest> RestartAsync(string id, string? key, CancellationToken cancel);

    Task DeleteAsync(string id, string? key, CancellationToken cancel);

    /// <summary>Replaces the keys that open a running container, those of its making included; what was added inside of it stays.</summary>
    /// <exception cref="ForgeException">NotFound; Conflict when it does not run; Usage where the back end cannot.</exception>
    Task<Guest> SetKeysAsync(string id, string? key, IReadOnlyList<string> sshKeys, CancellationToken cancel);

    Task<IReadOnlyList<string>> LogsAsync(string id, CancellationToken cancel);

    Task<IReadOnlyList<Template>> TemplatesAsync(CancellationToken cancel);

    /// <summary>What is well, or throws.</summary>
    Task<string> HealthAsync(CancellationToken cancel);
}

/// <param name="Memory">MiB.</param>
/// <param name="Disk">GiB.</param>
/// <param name="Key">The caller's own, to find again what it asked for.</param>
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
/// <param name="Note">What the user should know, such as a limit that was not applied.</param>
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

/// <param name="ChangesSshKeys">Whether keys can be replaced while it runs.</param>
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
