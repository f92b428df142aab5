using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Plugins.Cnpg;
using Wombat.TestSupport.Kubernetes;

namespace Wombat.Infrastructure.Tests.Plugins.Cnpg;

/// <summary>The contract on a real API server with the stand-in operator, through a real PgBouncer.</summary>
[Category("Slow")]
public sealed class CnpgContractTests : DatabaseProviderContractTests
{
    private CnpgPlugin plugin = null!;
    private CnpgOperator stand = null!;
    private string space = null!;

    protected override TierSpec Tier => base.Tier with { PoolerInstances = 1 };

    // Hibernation stops the server.
    protected override bool FrozenIsReadable => false;

    protected override TimeSpan ShortLife => TimeSpan.FromSeconds(8);

    protected override async Task<IDatabaseProvider> StartAsync()
    {
        var server = await SharedKubernetes.ServerAsync();
        (stand, space) = (await SharedKubernetes.OperatorAsync(), await SharedKubernetes.NewNamespaceAsync());
        var options = new CnpgOptions
        {
            Instance = "cnpg",
            Kubeconfig = server.Kubeconfig(KubernetesServer.Wombat),
            Namespace = space,
            UsesLoadBalancer = true,
            ObjectStore = new ObjectStoreOptions { Destination = "s3://stand-in/" },
            PollInterval = TimeSpan.FromMilliseconds(50),
        };
        plugin = new CnpgPlugin(options, TimeProvider.System);
        return plugin;
    }

    protected override Task ArchiveAsync(ResourceRef database) => stand.ArchiveAsync(database.ExternalId!);

    protected override async Task EndAsync()
    {
        await stand.ClearAsync(space);
        plugin.Dispose();
    }
}
