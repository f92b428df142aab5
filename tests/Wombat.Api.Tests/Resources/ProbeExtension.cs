using Wombat.TestSupport;

// No namespace: for all servers of this assembly.
#pragma warning disable CA1050, MA0047
[SetUpFixture]
public sealed class ProbeExtension
{
    [OneTimeSetUp]
    public void Register() => TestServer.Extensions = [typeof(ProbeExtension).Assembly];
}
