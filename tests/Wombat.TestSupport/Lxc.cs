using Wombat.Infrastructure.Processes;

namespace Wombat.TestSupport;

/// <summary>Reads and changes containers with the LXC tools, without Wombat.</summary>
public static class Lxc
{
    /// <summary>Lets all tests of this machine share the images of containers, because building one takes a minute.</summary>
    public static void ShareImages()
    {
        var cache =
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME")
            ?? Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/var/cache", ".cache");
        Environment.SetEnvironmentVariable("FORGE_LXC_IMAGES", Path.Combine(cache, "wombat-test-bed", "images"));
    }

    /// <summary>RUNNING or STOPPED; null if there is no such container.</summary>
    public static async Task<string?> StateAsync(string dataDirectory, string name)
    {
        var result = await RunAsync("lxc-info", "-P", Path.Combine(dataDirectory, "lxc"), "-n", name, "-s", "-H");
        return result.ExitCode == 0 ? result.Output.Trim() : null;
    }

    /// <summary>All containers of a data directory.</summary>
    public static async Task<string[]> AllAsync(string dataDirectory) =>
        (await RunAsync("lxc-ls", "-P", Path.Combine(dataDirectory, "lxc"), "-1")).Output.Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
        );

    /// <summary>Runs a shell script as root of a container.</summary>
    public static Task<ChildResult> InsideAsync(string dataDirectory, string name, string script) =>
        RunAsync("lxc-attach", "-P", Path.Combine(dataDirectory, "lxc"), "-n", name, "--clear-env", "--", "/bin/sh", "-c", script);

    /// <summary>Reads a limit of the kernel from the cgroup of a running container.</summary>
    /// <param name="first">The file in version 1 of cgroups.</param>
    /// <param name="second">The file in version 2, whose first word counts.</param>
    /// <returns>The number; -1 for no limit.</returns>
    public static async Task<long> ReadCgroupAsync(string dataDirectory, string name, string first, string second)
    {
        foreach (var file in new[] { first, second })
        {
            var read = await RunAsync("lxc-cgroup", "-P", Path.Combine(dataDirectory, "lxc"), "-n", name, file);
            if (read.ExitCode == 0)
            {
                return long.TryParse(read.Output.Trim().Split(' ')[0], out var value) ? value : -1;
            }
        }

        return -1;
    }

    /// <summary>Destroys all containers with what belongs to them, so that the folder can be removed.</summary>
    public static async Task DestroyAllAsync(string dataDirectory)
    {
        var records = Path.Combine(dataDirectory, "lxc", ".forge");
        foreach (var record in Directory.Exists(records) ? Directory.GetFiles(records, "*.json") : [])
        {
            var delete = new ChildCommand(
                WombatProcess.Forge(),
                ["delete", "--id", Path.GetFileNameWithoutExtension(record)],
                TimeSpan.FromMinutes(1)
            )
            {
                Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_DATA_DIR"] = dataDirectory },
            };
            await ChildProcess.RunAsync(delete, CancellationToken.None);
        }

        foreach (var name in await AllAsync(dataDirectory))
        {
            await RunAsync("lxc-destroy", "-P", Path.Combine(dataDirectory, "lxc"), "-n", name, "-f");
        }
    }

    public static Task<ChildResult> RunAsync(string program, params string[] arguments) =>
        ChildProcess.RunAsync(new ChildCommand("/usr/bin/" + program, arguments, TimeSpan.FromMinutes(1)), CancellationToken.None);
}
