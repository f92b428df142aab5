using Microsoft.Extensions.DependencyInjection;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Databases as CloudNativePG clusters on Kubernetes.</summary>
public sealed class CnpgPluginType : PluginType
{
    internal const string TypeName = "cnpg";

    public override string Name => TypeName;

    public override Func<IServiceProvider, IPlugin> Configure(PluginSection section)
    {
        var options = CnpgOptions.Read(section);
        return services => new CnpgPlugin(options, services.GetService<TimeProvider>() ?? TimeProvider.System);
    }
}
