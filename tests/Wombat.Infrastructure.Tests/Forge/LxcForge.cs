using System.Diagnostics;
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

    /// <summary>How long a call takes, over which kills are spread.</summary>
    public async Task<TimeSpan> MeasureAsync(params string[] arguments)
    {
        var from = TimeProvider.System.GetTimestamp();
        await RunAsync(arguments);
        return TimeProvider.System.GetElapsedTime(from);
    }

    /// <summary>
    /// Kills forge alone, as the kernel does when memory is short; the programs that it started go on. The last argument tells the call
    /// from others.
    /// </summary>
    public async Task KillAfterAsync(TimeSpan delay, string[] arguments)
    {
        var running = TryAsync(arguments);
        Process? found = null;
        await Eventually.UntilAsync(() => (found = Find(arguments[^1])) is not null || running.IsCompleted, "forge runs");
        await Task.Delay(delay);
        try
        {
            found?.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }

        await running;
    }

    private Process? Find(string argument) =>
        Process
            .GetProcessesByName("forge")
            .FirstOrDefault(p =>
                TryRead($"/proc/{p.Id}/cmdline").EndsWith($"\0{argument}\0", StringComparison.Ordinal)
                && TryRead($"/proc/{p.Id}/environ").Contains(data, StringComparison.Ordinal)
            );

    private static string TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }

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
