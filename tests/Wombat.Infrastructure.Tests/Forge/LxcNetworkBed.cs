using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>A data folder whose containers have networks, with forge and the programs of this machine.</summary>
internal sealed class LxcNetworkBed : IAsyncDisposable
{
    private readonly TestFolder folder = new();

    /// <summary>Settings of forge besides the data folder.</summary>
    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    public string Path => folder.Path;

    public async Task<JsonNode> CreateAsync(string name, string network, string label) =>
        await ForgeAsync("create", "--name", name, "--template", "busybox", "--network", network, "--hostname", label);

    public async Task<JsonNode> ForgeAsync(params string[] arguments)
    {
        var result = await TryForgeAsync(arguments);
        Assert.That(result.ExitCode, Is.Zero, $"{string.Join(' ', arguments)}: {result.Output}{result.ErrorTail}");
        return JsonNode.Parse(result.Output)!;
    }

    public Task<ChildResult> TryForgeAsync(params string[] arguments) =>
        ChildProcess.RunAsync(
            new ChildCommand(WombatProcess.Forge(), arguments, TimeSpan.FromMinutes(2))
            {
                Environment = new Dictionary<string, string>(Settings, StringComparer.Ordinal) { ["WOMBAT_DATA_DIR"] = Path },
            },
            CancellationToken.None
        );

    /// <summary>Runs a shell command as root inside a container.</summary>
    public Task<ChildResult> InsideAsync(string name, string command) =>
        Lxc.RunAsync("lxc-attach", "-P", System.IO.Path.Combine(Path, "lxc"), "-n", name, "--clear-env", "--", "/bin/sh", "-c", command);

    /// <summary>Whether an address or name answers a ping from inside.</summary>
    public async Task<bool> PingsAsync(string name, string target) =>
        (await InsideAsync(name, $"ping -c 1 -W 1 {target}")).Output.Contains("1 packets received", StringComparison.Ordinal);

    /// <summary>The bridge of a running container.</summary>
    public async Task<string> BridgeAsync(string name)
    {
        var config = await File.ReadAllLinesAsync(System.IO.Path.Combine(Path, "lxc", ".net", name + ".conf"));
        return config.Single(l => l.StartsWith("lxc.net.0.link", StringComparison.Ordinal)).Split('=')[1].Trim();
    }

    /// <summary>The end of a running container's network link on this machine.</summary>
    public async Task<string> PortAsync(string name)
    {
        var config = await File.ReadAllLinesAsync(System.IO.Path.Combine(Path, "lxc", ".net", name + ".conf"));
        return config.Single(l => l.StartsWith("lxc.net.0.veth.pair", StringComparison.Ordinal)).Split('=')[1].Trim();
    }

    public static Task<ChildResult> RunAsync(string program, params string[] arguments) =>
        ChildProcess.RunAsync(new ChildCommand("/usr/sbin/" + program, arguments, TimeSpan.FromMinutes(1)), CancellationToken.None);

    public static bool HasInterface(string name) => Directory.Exists("/sys/class/net/" + name);

    public async ValueTask DisposeAsync()
    {
        await Lxc.DestroyAllAsync(Path);
        await TryForgeAsync("network", "down");
        folder.Dispose();
    }
}
