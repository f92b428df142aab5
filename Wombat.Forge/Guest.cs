using System.Text.Json.Nodes;

namespace Wombat.Forge;

/// <summary>A container as the back end reports it.</summary>
/// <param name="Status">running, stopped, creating, broken or unknown.</param>
/// <param name="Note">A message for the user, such as a limit that was not applied.</param>
internal sealed record Guest(string Id, string Name, string? Key, string? Template, string Status, string? Ip, string? Note)
{
    /// <summary>The account inside that SSH keys open; null when the template takes no keys.</summary>
    public string? SshUser { get; init; }

    /// <summary>Whether it ran until its machine was restarted, and was not started or stopped by forge since.</summary>
    public bool Interrupted { get; init; }

    /// <summary>The node of the cluster on which it is; null if the back end has no nodes.</summary>
    public string? Node { get; init; }

    /// <summary>The network that it was created in; null for none.</summary>
    public string? Network { get; init; }

    /// <summary>Its host name in the network.</summary>
    public string? Hostname { get; init; }

    /// <summary>Its limits; null where it has none that the back end tells.</summary>
    public GuestSize Size { get; init; } = new(null, null, null);

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
            ["ssh_user"] = SshUser,
            ["interrupted"] = Interrupted,
            ["node"] = Node,
            ["network"] = Network,
            ["hostname"] = Hostname,
            ["cpu"] = Size.Cpu,
            ["memory"] = Size.Memory,
            ["disk"] = Size.Disk,
        };
}
