namespace Wombat.Forge.Pve;

/// <param name="Vmid">The guest's id. Proxmox VE reuses ids of deleted guests.</param>
internal sealed record PveGuest(string Vmid, string Node, string Name)
{
    /// <summary>The tags in the list of the cluster, which is known even if the node is not reachable. Anybody may change them.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Null if the guest has no key, or none yet.</summary>
    public string? Key { get; init; }

    public bool IsFinished { get; init; } = true;

    public PveNotes Notes { get; init; } = new("");

    /// <summary>The version of the configuration that was read.</summary>
    public string? Digest { get; init; }

    /// <summary>The work during which nobody else changes the guest, such as create or rollback; null if there is none.</summary>
    public string? Lock { get; init; }

    /// <summary>Whether the guest is being created or copied.</summary>
    public bool IsBeingMade => Lock is "create" or "disk";

    public bool IsTemplate { get; init; }

    /// <summary>As configured; null where Proxmox VE does not tell a limit.</summary>
    public GuestSize Size { get; init; } = new(null, null, null);

    /// <summary>Why the configuration cannot be read, so that the key is unknown; null if it was read.</summary>
    public string? UnreadableReason { get; init; }

    public bool IsUnreachable { get; init; }

    public string Path => $"nodes/{Node}/lxc/{Vmid}";
}
