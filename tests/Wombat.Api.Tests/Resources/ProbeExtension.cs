using Wombat.TestSupport;

// Outside of every namespace, so that NUnit runs it for all tests of the assembly.
#pragma warning disable CA1050, MA0047
[SetUpFixture]
public sealed class ProbeExtension
{
    [OneTimeSetUp]
    public void Register() => TestServer.Extensions = [typeof(ProbeExtension).Assembly];
}
