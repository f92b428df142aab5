namespace Wombat.Forge.Pve;

/// <param name="Vmid">Its id, which another may have after it.</param>
internal sealed record PveGuest(string Vmid, string Node, string Name)
{
    /// <summary>Null where it bears none, or none yet.</summary>
    public string? Key { get; init; }

    public bool IsFinished { get; init; } = true;

    /// <summary>While it is made or copied.</summary>
    public bool IsLocked { get; init; }

    public bool IsTemplate { get; init; }

    /// <summary>Why its configuration cannot be read, and so nobody knows whose it is; null where it was read.</summary>
    public string? Unreadable { get; init; }

    public bool IsUnreachable { get; init; }

    public string Path => $"nodes/{Node}/lxc/{Vmid}";
}
