using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>Calls Debian's lxc programs on one folder of containers.</summary>
internal sealed class LxcTools(string path)
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan InsidePatience = TimeSpan.FromSeconds(5);

    /// <param name="step">What is said to be under way while the program is silent.</param>
    public async Task<ChildResult> RunAsync(
        string program,
        IReadOnlyList<string> arguments,
        CancellationToken cancel,
        TimeSpan? timeout = null,
        string? step = null
    )
    {
        var progress = new Progress(step ?? program);
        var command = new ChildCommand(
            Find(program),
            arguments,
            timeout ?? CommandTimeout,
            OnErrorLine: (line, _) =>
            {
                progress.Heard();
                Console.Error.WriteLine(WithoutPath(line));
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
        var result = await progress.AwaitAsync(ChildProcess.RunAsync(command, cancel));
        return result with { ErrorTail = WithoutPath(result.ErrorTail) };
    }

    /// <summary>Users read what the programs say, and where things lie on the server is none of their business.</summary>
    public string WithoutPath(string text) =>
        text.Replace(path + "/", "", StringComparison.Ordinal).Replace(path, "the data folder", StringComparison.Ordinal);

    /// <summary>lxc-… -P path -n name …</summary>
    public Task<ChildResult> OnAsync(string program, string name, CancellationToken cancel, params string[] more) =>
        RunAsync(program, ["-P", path, "-n", name, .. more], cancel);

    /// <exception cref="ForgeException">Unavailable: lxc does not say.</exception>
    public async Task<bool> IsRunningAsync(string name, CancellationToken cancel)
    {
        if (!IsDefined(name))
        {
            return false;
        }

        var told = await OnAsync("lxc-info", name, cancel, "-s", "-H");
        return told.ExitCode == 0 && told.Output.Trim() is { Length: > 0 } state ? state is not ("STOPPED" or "ABORTING")
            : !IsDefined(name) ? false
            : throw new ForgeException(ExitCode.Unavailable, $"lxc-info does not say whether {name} runs: {told.ErrorTail}");
    }

    /// <summary>Whether lxc has a container of that name.</summary>
    public bool IsDefined(string name) => File.Exists(Path.Combine(path, name, "config"));

    /// <exception cref="ForgeException">Unavailable: lxc does not say.</exception>
    public async Task<HashSet<string>> RunningAsync(CancellationToken cancel)
    {
        var told = await RunAsync("lxc-ls", ["-P", path, "--running", "-1"], cancel);
        return told.ExitCode == 0
            ? told
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .ToHashSet(StringComparer.Ordinal)
            : throw new ForgeException(ExitCode.Unavailable, $"lxc-ls does not say which containers run: {told.ErrorTail}");
    }

    /// <summary>Runs a program inside. Whoever is root there may let it hang or talk for ever, so it has seconds and is not listened to.</summary>
    /// <exception cref="ForgeException">Failed: it did not end in time. Trying again would only wait again.</exception>
    public async Task<int> InsideAsync(string name, IReadOnlyList<string> words, CancellationToken cancel)
    {
        try
        {
            var command = new ChildCommand(Find("lxc-attach"), ["-P", path, "-n", name, "--clear-env", "--", .. words], InsidePatience)
            {
                WorkingDirectory = "/",
            };
            return (await ChildProcess.RunAsync(command, cancel)).ExitCode;
        }
        catch (Exception e) when (e is TimeoutException or OutputTooLargeException)
        {
            throw new ForgeException(
                ExitCode.Failed,
                $"{name} does not answer: {words[0]} inside of it did not end within {InsidePatience.TotalSeconds:F0} s; restart the container",
                e
            );
        }
    }

    public async Task<string?> AddressAsync(string name, CancellationToken cancel) =>
        (await OnAsync("lxc-info", name, cancel, "-i", "-H"))
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .FirstOrDefault(a => !a.StartsWith("fe80", StringComparison.Ordinal));

    public static string Find(string program) =>
        new[] { "/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/" }.Select(d => d + program).FirstOrDefault(File.Exists)
        ?? throw new ForgeException(
            ExitCode.Unavailable,
            $"{program} is not installed on this server; an administrator installs it (Debian: apt-get install lxc debootstrap busybox-static)"
        );
}
