using Wombat.TestSupport;

namespace Wombat.Api.Tests.Contract;

/// <summary>A server for tests of generated clients.</summary>
public abstract class ClientTestBase
{
    protected TestServer Server { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartServer() => Server = await TestServer.StartAsync(cli: ScriptedCli.Fickle);

    [OneTimeTearDown]
    public async Task StopServer() => await Server.DisposeAsync();
}
