using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Databases on this machine, each in a PostgreSQL server of its own.</summary>
public sealed class LocalPostgresPluginType : PluginType
{
    internal const string TypeName = "local-postgres";

    public override string Name => TypeName;

    public override bool HasDefaultInstance => true;

    public override Func<IServiceProvider, IPlugin> Configure(PluginSection section)
    {
        var options = LocalPostgresOptions.Read(section);
        return services => new LocalPostgresPlugin(
            options,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>(),
            services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None
        );
    }
}
