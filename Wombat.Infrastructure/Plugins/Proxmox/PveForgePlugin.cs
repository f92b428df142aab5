using System.Text.RegularExpressions;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Containers of Proxmox VE by Wombat.Forge, on one of several nodes.</summary>
internal sealed partial class PveForgePlugin(ContainerCli cli) : ForgeProxmoxPlugin(cli), IPlacesContainers, ISnapshotsResources
{
    private const int SnapshotNameMax = 40;

    public IReadOnlyList<string> Nodes => Settings.Nodes;

    public string? RefuseSnapshotName(string name) =>
        SnapshotNameRegex().IsMatch(name) && name is not ("current" or "vzdump")
            ? null
            : $"must be 2 to {SnapshotNameMax} characters, and not current or vzdump: Proxmox VE accepts no others";

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_-]{1,39}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex SnapshotNameRegex();
}
