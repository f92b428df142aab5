using Wombat.TestSupport;
using Wombat.TestSupport.Kubernetes;

// Fixtures share nothing but the PostgreSQL server and the Kubernetes API. Two at a time, since most of them wait for processes.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]

/// <summary>Stops the shared servers when the last test of the assembly has ended.</summary>
[SetUpFixture]
public sealed class AssemblySetup
{
    [OneTimeTearDown]
    public Task StopServers() => Task.WhenAll(SharedPostgres.StopAsync(), SharedKubernetes.StopAsync());
}
