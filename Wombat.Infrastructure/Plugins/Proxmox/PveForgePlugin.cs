using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Containers of Proxmox VE by Wombat.Forge, on one of several nodes.</summary>
internal sealed class PveForgePlugin(ContainerCli cli) : ForgeProxmoxPlugin(cli), IPlacesContainers, ISnapshotsResources
{
    private const int SnapshotNameMax = 40;

    public IReadOnlyList<string> Nodes => Settings.Nodes;

    public string? RefuseSnapshotName(string name) =>
        name.Length is >= 2 and <= SnapshotNameMax && name is not ("current" or "vzdump")
            ? null
            : $"must be 2 to {SnapshotNameMax} characters, and not current or vzdump: Proxmox VE accepts no others";
}
