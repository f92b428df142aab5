using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Api.Tests.Resources;

/// <summary>A plugin type of the tests, written as docs/how-to/add-a-plugin.md describes.</summary>
public sealed class ProbePluginType : PluginType
{
    public override string Name => "probe-lab";

    public override Func<IServiceProvider, IPlugin> Configure(PluginSection section)
    {
        var port = section.Number("port", 7000, 1, 65535);
        return _ => new ProbePlugin(section.Instance, port);
    }
}
