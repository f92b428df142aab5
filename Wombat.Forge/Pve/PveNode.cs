namespace Wombat.Forge.Pve;

/// <summary>A node of the cluster.</summary>
/// <param name="Status">online, offline, unknown, or <see cref="Missing"/>.</param>
/// <param name="FreeMemory">Bytes; null if the token must not read it.</param>
internal sealed record PveNode(string Name, string Status, long? FreeMemory)
{
    /// <summary>The status of a node of the settings that the cluster does not have.</summary>
    public const string Missing = "missing";

    public bool IsOnline => Status == "online";

    public bool IsAway => Status is "offline" or Missing;
}
