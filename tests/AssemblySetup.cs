using Wombat.TestSupport;

// Fixtures share nothing but the PostgreSQL server. They mostly wait, so there are more of them at a time than cores.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(3)]

/// <summary>Stops the shared PostgreSQL server when the last test of the assembly has ended.</summary>
[SetUpFixture]
public sealed class AssemblySetup
{
    [OneTimeTearDown]
    public Task StopPostgres() => SharedPostgres.StopAsync();
}
