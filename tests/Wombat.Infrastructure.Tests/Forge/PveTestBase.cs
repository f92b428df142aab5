using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>forge as a program, with a simulated Proxmox VE for each test.</summary>
public abstract class PveTestBase
{
    protected TestFolder Folder { get; private set; } = null!;

    protected FakePve Pve { get; private set; } = null!;

    protected string Forge { get; set; } = null!;

    [SetUp]
    public async Task Start()
    {
        Folder = new TestFolder();
        Pve = await FakePve.StartAsync();
        Forge = PveForge.Write(Folder.Path, Pve);
    }

    [TearDown]
    public async Task Stop()
    {
        await Pve.DisposeAsync();
        Folder.Dispose();
    }

    protected async Task<string> MakeAsync(string key, string name = "web") =>
        (string)(await ForgeAsync(0, "create", "--name", name, "--template", "debian-12", "--key", key))["id"]!;

    protected async Task<(string Output, string Errors)> TryAsync(int exitCode, params string[] arguments)
    {
        var lines = new List<string>();
        var result = await ChildProcess.RunAsync(
            new ChildCommand(
                Forge,
                arguments,
                TimeSpan.FromMinutes(1),
                OnErrorLine: (line, _) =>
                {
                    lines.Add(line);
                    return ValueTask.CompletedTask;
                }
            ),
            default
        );
        Assert.That(result.ExitCode, Is.EqualTo(exitCode), $"{result.Output}{result.ErrorTail}");
        return (result.Output, string.Join('\n', lines));
    }

    /// <summary>Kills forge as soon as the server has received a request.</summary>
    protected async Task KillAfterAsync(string request, params string[] arguments)
    {
        using var kill = new CancellationTokenSource();
        var running = ChildProcess.RunAsync(new ChildCommand(Forge, arguments, TimeSpan.FromMinutes(1)), kill.Token);
        await Eventually.UntilAsync(() => Pve.Requests.Contains(request), request);
        await kill.CancelAsync();
        Assert.That(async () => await running, Throws.InstanceOf<OperationCanceledException>());
    }

    protected async Task<JsonNode> ForgeAsync(int exitCode, params string[] arguments)
    {
        var result = await ChildProcess.RunAsync(new ChildCommand(Forge, arguments, TimeSpan.FromMinutes(1)), default);
        Assert.That(result.ExitCode, Is.EqualTo(exitCode), $"{result.Output}{result.ErrorTail}");
        return result.Output.Length == 0 ? new JsonObject() : JsonNode.Parse(result.Output)!;
    }
}
