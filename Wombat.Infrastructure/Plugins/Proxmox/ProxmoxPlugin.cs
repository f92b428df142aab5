using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Chooses what the plugin can do by what its CLI can.</summary>
public static class ProxmoxPlugin
{
    public static IPlugin Create(ProxmoxSettings settings)
    {
        var cli = new ContainerCli(settings);
        return settings switch
        {
            { IsForge: true } => new ForgeProxmoxPlugin(cli),
            { StartArguments.Count: > 0, StopArguments.Count: > 0 } => new OperableProxmoxPlugin(cli),
            _ => new PlainProxmoxPlugin(cli),
        };
    }
}
