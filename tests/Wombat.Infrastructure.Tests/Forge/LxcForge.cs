using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>forge with the lxc back end on one data folder.</summary>
internal sealed class LxcForge(string data, params (string Name, string Value)[] settings)
{
    public string Data => data;

    public string Folder(string name) => Path.Combine(data, "lxc", name);

    /// <summary>Runs forge, which has to succeed.</summary>
    public async Task<JsonNode> RunAsync(params string[] arguments)
    {
        var result = await TryAsync(arguments);
        Assert.That(result.ExitCode, Is.Zero, result.ErrorTail);
        return JsonNode.Parse(result.Output)!;
    }

    public Task<ChildResult> TryAsync(params string[] arguments) => ChildProcess.RunAsync(Command(arguments), CancellationToken.None);

    public ChildCommand Command(params string[] arguments) =>
        new(WombatProcess.Forge(), arguments, TimeSpan.FromMinutes(5))
        {
            Environment = settings.Append(("WOMBAT_DATA_DIR", data)).ToDictionary(s => s.Item1, s => s.Item2, StringComparer.Ordinal),
        };

    public async Task<JsonNode> CreateAsync(string name, string template, params string[] more) =>
        await RunAsync(["create", "--name", name, "--template", template, .. more]);

    public Task<ChildResult> InsideAsync(string name, string script) => Lxc.InsideAsync(data, name, script);

    /// <summary>The user id that root of the container has on this machine.</summary>
    public async Task<uint> RootIdAsync(string name)
    {
        var init = (await Lxc.RunAsync("lxc-info", "-P", Path.Combine(data, "lxc"), "-n", name, "-p", "-H")).Output.Trim();
        return uint.Parse((await Lxc.RunAsync("stat", "-c", "%u", $"/proc/{init}")).Output.Trim());
    }

    /// <summary>The slots of this machine that belong to containers of the data folder.</summary>
    public IReadOnlyList<string> Slots() =>
        [
            .. Directory
                .GetFiles("/var/lib/wombat/forge/ids")
                .Where(f => char.IsAsciiDigit(Path.GetFileName(f)[0]))
                .Select(File.ReadAllText)
                .Where(o => o.StartsWith(data + "/", StringComparison.Ordinal)),
        ];

    /// <summary>Loop devices and mounts that belong to the data folder.</summary>
    public async Task<string[]> DevicesAsync() =>
        [
            .. (await Lxc.RunAsync("../sbin/losetup", "-l", "-n", "-O", "BACK-FILE"))
                .Output.Split('\n')
                .Concat(await File.ReadAllLinesAsync("/proc/self/mountinfo"))
                .Where(l => l.Contains(data + "/", StringComparison.Ordinal)),
        ];
}
