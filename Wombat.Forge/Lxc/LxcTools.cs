using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>Calls Debian's lxc programs on one folder of containers.</summary>
internal sealed class LxcTools(string path)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task<ChildResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancel, TimeSpan? timeout = null) =>
        await ChildProcess.RunAsync(
            new ChildCommand(Find(program), arguments, timeout ?? Patience, OnErrorLine: (line, _) =>
            {
                Console.Error.WriteLine(line);
                return ValueTask.CompletedTask;
            })
            {
                WorkingDirectory = "/",
                Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["LC_ALL"] = "C", ["DEBIAN_FRONTEND"] = "noninteractive" },
            },
            cancel);

    /// <summary>lxc-… -P path -n name …</summary>
    public Task<ChildResult> OnAsync(string program, string name, CancellationToken cancel, params string[] more) => RunAsync(program, ["-P", path, "-n", name, .. more], cancel);

    public async Task<bool> IsRunningAsync(string name, CancellationToken cancel) =>
        (await OnAsync("lxc-info", name, cancel, "-s", "-H")).Output.Trim() == "RUNNING";

    public async Task<HashSet<string>> RunningAsync(CancellationToken cancel) =>
        (await RunAsync("lxc-ls", ["-P", path, "--running", "-1"], cancel)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);

    public async Task<string?> AddressAsync(string name, CancellationToken cancel) =>
        (await OnAsync("lxc-info", name, cancel, "-i", "-H")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .FirstOrDefault(a => !a.StartsWith("fe80", StringComparison.Ordinal));

    public static string Find(string program) =>
        new[] { "/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/" }.Select(d => d + program).FirstOrDefault(File.Exists)
        ?? throw new ForgeException(ExitCode.Unavailable, $"{program} is not installed (Debian: apt-get install lxc debootstrap busybox-static)");
}
