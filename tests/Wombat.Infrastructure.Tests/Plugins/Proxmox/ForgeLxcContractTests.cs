using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Plugins.Proxmox;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Plugins.Proxmox;

/// <summary>forge with the lxc back end, on real containers of this machine.</summary>
[Category("Slow")]
public sealed class ForgeLxcContractTests : PluginContractTests
{
    protected override string Template => "busybox";

    protected override Task<IProvisioner<ContainerSpec>> StartAsync(TimeSpan? ProbeTimeout) =>
        Task.FromResult<IProvisioner<ContainerSpec>>(ProxmoxPluginType.Create(Options(WombatProcess.Forge(), ProbeTimeout)));

    protected override async Task<int> CountAsync() => (await Lxc.AllAsync(Folder.Path)).Length;

    protected override Task EndAsync() => Lxc.DestroyAllAsync(Folder.Path);
}
