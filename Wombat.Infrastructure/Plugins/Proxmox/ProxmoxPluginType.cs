using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Containers by a container CLI. What the plugin can do depends on what its CLI can do.</summary>
public sealed class ProxmoxPluginType : PluginType
{
    internal const string TypeName = "proxmox";

    public override string Name => TypeName;

    public override bool HasDefaultInstance => true;

    public override Func<IServiceProvider, IPlugin> Configure(PluginSection section)
    {
        var options = ProxmoxOptions.Read(section);
        return _ => Create(options);
    }

    internal static PlainProxmoxPlugin Create(ProxmoxOptions options)
    {
        var cli = new ContainerCli(options);
        return options switch
        {
            { IsForge: true, IsLocal: true } => new LxcForgePlugin(cli),
            { IsForge: true } => new PveForgePlugin(cli),
            { StartArguments.Count: > 0, StopArguments.Count: > 0 } => new OperableProxmoxPlugin(cli),
            _ => new PlainProxmoxPlugin(cli),
        };
    }
}
