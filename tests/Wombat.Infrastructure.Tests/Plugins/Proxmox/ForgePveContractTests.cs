using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Plugins.Proxmox;
using Wombat.Infrastructure.Tests.Forge;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Plugins.Proxmox;

/// <summary>forge with the pve back end, on a simulated Proxmox VE.</summary>
[Category("Slow")]
public sealed class ForgePveContractTests : PluginContractTests
{
    private FakePve? pve;

    protected override string Template => "debian-12";

    protected override async Task<IProvisioner<ContainerSpec>> StartAsync(TimeSpan? ProbeTimeout)
    {
        pve ??= await FakePve.StartAsync();
        return ProxmoxPluginType.Create(Options(PveForge.Write(Folder.Path, pve), ProbeTimeout));
    }

    protected override Task<int> CountAsync() => Task.FromResult(pve!.OwnGuests.Count);

    protected override async Task EndAsync()
    {
        await pve!.DisposeAsync();
        pve = null;
    }
}
