using Wombat.TestSupport;

/// <summary>Stops what the assembly's tests shared, when the last one has ended.</summary>
[SetUpFixture]
public sealed class AssemblyHooks
{
    [OneTimeTearDown]
    public Task StopPostgres() => SharedPostgres.StopAsync();
}
