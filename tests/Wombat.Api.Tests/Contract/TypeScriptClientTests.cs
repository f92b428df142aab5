using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Contract;

/// <summary>The generated TypeScript client, compiled and run by Node against a real server: tests/client-contract.</summary>
[Category("Slow")]
public sealed class TypeScriptClientTests : ClientTestBase
{
    private readonly TestFolder folder = new();

    private static string Root => WombatProcess.RepositoryRoot();

    [OneTimeSetUp]
    public async Task CompileClient()
    {
        await NodeAsync(
            Path.Combine(Root, "web/node_modules/typescript/bin/tsc"),
            "-p",
            Path.Combine(Root, "tests/client-contract"),
            "--outDir",
            folder.Path
        );
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "package.json"), """{"type":"module"}""");
    }

    [OneTimeTearDown]
    public void RemoveFolder() => folder.Dispose();

    [TestCase("project")]
    [TestCase("container")]
    [TestCase("job")]
    [TestCase("log")]
    [TestCase("paging")]
    [TestCase("error")]
    [TestCase("idempotency")]
    public Task Client_ForEachScenario_DrivesARealServer(string scenario) =>
        NodeAsync(
            Path.Combine(folder.Path, "tests/client-contract/contract.js"),
            Server.Client.Address.ToString().TrimEnd('/'),
            Server.Client.Http.DefaultRequestHeaders.Authorization!.Parameter!,
            scenario
        );

    private static async Task NodeAsync(params string[] arguments)
    {
        var result = await ChildProcess.RunAsync(
            new ChildCommand("/usr/bin/env", ["node", .. arguments], TimeSpan.FromMinutes(3)),
            CancellationToken.None
        );
        Assert.That(result.ExitCode, Is.Zero, result.ErrorTail + result.Output);
    }
}
