using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Docs;

/// <summary>The examples of README.md and docs/examples.md, run with real containers.</summary>
[Category("Slow")]
public sealed class ExampleTests
{
    [Test]
    public async Task Examples_OfTheDocumentation_Run()
    {
        using var folder = new TestFolder();
        await using var wombat = WombatProcess.Start(folder.Path);
        using var client = await wombat.ReadyAsync(folder.Path);
        try
        {
            var root = WombatProcess.RepositoryRoot();
            var command = new ChildCommand(
                Path.Combine(root, "scripts", "check-examples.sh"),
                ["README.md", "docs/examples.md"],
                TimeSpan.FromMinutes(8)
            )
            {
                Environment = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["WOMBAT_DATA_DIR"] = folder.Path,
                    ["WOMBAT_PORT"] = wombat.Port.ToString(),
                },
            };
            var result = await ChildProcess.RunAsync(command, CancellationToken.None);
            Assert.That(result.ExitCode, Is.Zero, result.Output + result.ErrorTail);
            Assert.That(result.Output, Does.Contain("README.md passed").And.Contains("docs/examples.md passed"));
            Assert.That(result.Output, Does.Contain("hello from web\n").And.Contains("shell\nuid=0(root)"));
            Assert.That(result.Output, Does.Contain("list the commands\n").And.Contains("{ status: 'succeeded' }"), "the make target");
            Assert.That(result.Output, Does.Contain("version v1.4\n"), "the command of the examples");
            Assert.That(result.Output, Does.Contain("reachable\n").And.Contains("\"proven\": true"), "the run over SSH");
        }
        finally
        {
            await Lxc.DestroyAllAsync(folder.Path);
        }
    }
}
