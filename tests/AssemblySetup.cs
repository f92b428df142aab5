using Wombat.TestSupport;
using Wombat.TestSupport.Kubernetes;

// Fixtures share nothing but the PostgreSQL server and the Kubernetes API. Two at a time, since most of them wait for processes.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]

/// <summary>What all tests of an assembly share. The servers are stopped when the last test has ended.</summary>
[SetUpFixture]
public sealed class AssemblySetup
{
    [OneTimeSetUp]
    public void ShareImages() => Lxc.ShareImages();

    [OneTimeTearDown]
    public Task StopServers() => Task.WhenAll(SharedPostgres.StopAsync(), SharedKubernetes.StopAsync());
}
