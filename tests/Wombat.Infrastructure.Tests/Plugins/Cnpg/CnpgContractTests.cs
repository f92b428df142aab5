using Wombat.Domain.Databases;
using Wombat.Infrastructure.Plugins.Cnpg;
using Wombat.TestSupport.Kubernetes;

namespace Wombat.Infrastructure.Tests.Plugins.Cnpg;

/// <summary>The contract on a real API server with the stand-in operator; directly and through a real PgBouncer.</summary>
[TestFixture(0)]
[TestFixture(1)]
public sealed class CnpgContractTests(int poolers) : DatabaseProviderContractTests
{
    private CnpgPlugin plugin = null!;

    protected override TierSpec Tier => base.Tier with { PoolerInstances = poolers };

    // Hibernation stops the server.
    protected override bool FrozenIsReadable => false;

    protected override TimeSpan ShortLife => TimeSpan.FromSeconds(15);

    protected override async Task<IDatabaseProvider> StartAsync()
    {
        var server = await SharedKubernetes.ServerAsync();
        await SharedKubernetes.OperatorAsync();
        var options = new CnpgOptions
        {
            Instance = "cnpg",
            Kubeconfig = server.Kubeconfig(KubernetesServer.Wombat),
            Namespace = await SharedKubernetes.NewNamespaceAsync(),
            UsesLoadBalancer = true,
            ObjectStore = new ObjectStoreOptions { Destination = "s3://stand-in/" },
            PollInterval = TimeSpan.FromMilliseconds(100),
        };
        plugin = new CnpgPlugin(options, TimeProvider.System);
        return plugin;
    }

    protected override Task EndAsync()
    {
        plugin.Dispose();
        return Task.CompletedTask;
    }
}
