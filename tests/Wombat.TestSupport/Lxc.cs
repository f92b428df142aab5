using Wombat.Infrastructure.Processes;

namespace Wombat.TestSupport;

/// <summary>Reads and changes containers with the LXC tools, without Wombat.</summary>
public static class Lxc
{
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

    /// <summary>Destroys all containers, so that the folder can be removed.</summary>
    public static async Task DestroyAllAsync(string dataDirectory)
    {
        foreach (var name in await AllAsync(dataDirectory))
        {
            await RunAsync("lxc-destroy", "-P", Path.Combine(dataDirectory, "lxc"), "-n", name, "-f");
        }
    }

    public static Task<ChildResult> RunAsync(string program, params string[] arguments) =>
        ChildProcess.RunAsync(new ChildCommand("/usr/bin/" + program, arguments, TimeSpan.FromMinutes(1)), CancellationToken.None);
}
