using Wombat.TestSupport;

// Fixtures share nothing but the PostgreSQL server. Two at a time, since most of them wait for processes.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]

/// <summary>Stops the shared PostgreSQL server when the last test of the assembly has ended.</summary>
[SetUpFixture]
public sealed class AssemblySetup
{
    [OneTimeTearDown]
    public Task StopPostgres() => SharedPostgres.StopAsync();
}
