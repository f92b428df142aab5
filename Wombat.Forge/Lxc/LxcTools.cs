using System.Globalization;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>Runs Debian's lxc programs on one folder of containers.</summary>
/// <param name="path">The folder of the containers as lxc knows it.</param>
/// <param name="folder">The same folder in the data folder.</param>
internal sealed class LxcTools(string path, string folder)
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AttachTimeout = TimeSpan.FromSeconds(5);

    /// <param name="step">The step that is reported while the program writes nothing.</param>
    public async Task<ChildResult> RunAsync(
        string program,
        IReadOnlyList<string> arguments,
        CancellationToken cancel,
        TimeSpan? timeout = null,
        string? step = null,
        Stream? input = null
    )
    {
        var progress = new Progress(step ?? program);
        void Forward(string line)
        {
            progress.OutputReceived();
            Console.Error.WriteLine(line);
        }

        return await RunAsync(Command(program, arguments, timeout ?? CommandTimeout, Forward) with { Input = input }, progress, cancel);
    }

    /// <summary>Runs a program that writes much for a long time: only its newest line is reported, at an interval.</summary>
    public Task<ChildResult> RunLongAsync(
        string program,
        IReadOnlyList<string> arguments,
        string step,
        TimeSpan timeout,
        CancellationToken cancel
    )
    {
        var progress = new Progress(step, Progress.OfBuilds);
        string[] merged = ["-c", "exec \"$@\" >&2", "sh", Find(program), .. arguments];
        return RunAsync(Command("sh", merged, timeout, line => progress.Detail = line), progress, cancel);
    }

    private ChildCommand Command(string program, IReadOnlyList<string> arguments, TimeSpan timeout, Action<string> onErrorLine) =>
        new(
            Find(program),
            arguments,
            timeout,
            OnErrorLine: (line, _) =>
            {
                onErrorLine(RemovePath(line));
                return ValueTask.CompletedTask;
            }
        )
        {
            WorkingDirectory = "/",
            Environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["LC_ALL"] = "C",
                ["DEBIAN_FRONTEND"] = "noninteractive",
            },
        };

    private async Task<ChildResult> RunAsync(ChildCommand command, Progress progress, CancellationToken cancel)
    {
        var result = await progress.WaitAsync(ChildProcess.RunAsync(command, cancel));
        return result with { ErrorTail = RemovePath(result.ErrorTail) };
    }

    /// <summary>Removes server paths from program output, because users read it.</summary>
    public string RemovePath(string text) =>
        new[] { path, folder }.Aggregate(
            text,
            (t, p) => t.Replace(p + "/", "", StringComparison.Ordinal).Replace(p, "the data folder", StringComparison.Ordinal)
        );

    /// <summary>Runs <c>program -P path -n name …</c>.</summary>
    public Task<ChildResult> RunOnAsync(string program, string name, CancellationToken cancel, params string[] more) =>
        RunAsync(program, ["-P", path, "-n", name, .. more], cancel);

    /// <summary>Whether the container runs. One that is about to stop is waited for, for a while.</summary>
    /// <exception cref="ForgeException">Unavailable: lxc does not report the state.</exception>
    public async Task<bool> IsRunningAsync(string name, CancellationToken cancel)
    {
        const string StopTimeoutSeconds = "10";
        var state = await GetStateAsync(name, cancel);
        if (state is "STOPPING" or "ABORTING")
        {
            await RunOnAsync("lxc-wait", name, cancel, "-s", "STOPPED", "-t", StopTimeoutSeconds);
            state = await GetStateAsync(name, cancel);
        }

        return state is not (null or "STOPPED" or "ABORTING");
    }

    // Null for a container that does not exist.
    private async Task<string?> GetStateAsync(string name, CancellationToken cancel)
    {
        if (!IsDefined(folder, name))
        {
            return null;
        }

        var result = await RunOnAsync("lxc-info", name, cancel, "-s", "-H");
        return result.ExitCode == 0 && result.Output.Trim() is { Length: > 0 } state ? state
            : !IsDefined(folder, name) ? null
            : throw new ForgeException(ExitCode.Unavailable, $"cannot read the state of {name}: lxc-info: {result.ErrorTail}");
    }

    /// <summary>Whether a program failed because the disk is full, which its exit code does not tell.</summary>
    public static bool IsDiskFull(ChildResult failed) => failed.ErrorTail.Contains("No space left", StringComparison.Ordinal);

    /// <summary>Whether a container with this name is defined.</summary>
    public static bool IsDefined(string folder, string name) => File.Exists(Path.Combine(folder, name, "config"));

    /// <summary>The process id of init of a container; null if it does not run.</summary>
    public async Task<int?> GetInitAsync(string name, CancellationToken cancel) =>
        int.TryParse(
            (await RunOnAsync("lxc-info", name, cancel, "-p", "-H")).Output.Trim(),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var id
        )
            ? id
            : null;

    /// <exception cref="ForgeException">Unavailable: lxc does not report the state.</exception>
    public async Task<HashSet<string>> ListRunningAsync(CancellationToken cancel)
    {
        var result = await RunAsync("lxc-ls", ["-P", path, "--running", "-1"], cancel);
        return result.ExitCode == 0
            ? result
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .ToHashSet(StringComparer.Ordinal)
            : throw new ForgeException(ExitCode.Unavailable, $"cannot list the running containers: lxc-ls: {result.ErrorTail}");
    }

    /// <summary>
    /// Runs a program inside the container. Root there can make it hang or write without end, so its output is not forwarded and a
    /// short timeout applies.
    /// </summary>
    /// <exception cref="ForgeException">Failed: the program did not exit in time. A retry would wait again.</exception>
    public async Task<int> RunInsideAsync(string name, IReadOnlyList<string> program, CancellationToken cancel)
    {
        try
        {
            var command = new ChildCommand(Find("lxc-attach"), ["-P", path, "-n", name, "--clear-env", "--", .. program], AttachTimeout)
            {
                WorkingDirectory = "/",
            };
            return (await ChildProcess.RunAsync(command, cancel)).ExitCode;
        }
        catch (Exception e) when (e is TimeoutException or OutputTooLargeException)
        {
            throw new ForgeException(
                ExitCode.Failed,
                $"{name} does not respond: {program[0]} in the container did not exit within {AttachTimeout.TotalSeconds:F0} s; "
                    + "restart the container",
                e
            );
        }
    }

    public async Task<string?> GetAddressAsync(string name, CancellationToken cancel) =>
        (await RunOnAsync("lxc-info", name, cancel, "-i", "-H"))
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .FirstOrDefault(a => !a.StartsWith("fe80", StringComparison.Ordinal));

    /// <summary>The path of a program of the system; null if it is not installed.</summary>
    public static string? FindInstalled(string program) =>
        new[] { "/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/" }.Select(d => d + program).FirstOrDefault(File.Exists);

    public static string Find(string program) =>
        FindInstalled(program)
        ?? throw new ForgeException(
            ExitCode.Unavailable,
            $"{program} is not installed on this server; an administrator must install it (Debian: apt-get install lxc "
                + "debootstrap busybox-static)"
        );
}
