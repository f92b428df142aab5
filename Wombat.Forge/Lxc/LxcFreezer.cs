using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>Halts the processes of a container, and the file system of its disk, while they are copied.</summary>
/// <param name="folder">The folder of the container, as lxc knows it.</param>
internal sealed class LxcFreezer(string folder, string name)
{
    private static readonly TimeSpan FreezeTimeout = TimeSpan.FromSeconds(30);

    private string Root => Path.Combine(folder, "rootfs");

    /// <exception cref="ForgeException">Unavailable: it cannot be halted, so that a copy would not be consistent.</exception>
    public async Task FreezeAsync(CancellationToken cancel)
    {
        // In this order: a process that waits for a halted file system cannot be frozen.
        if (!await TryAsync("lxc-freeze", ["-P", Path.GetDirectoryName(folder)!, "-n", name], cancel))
        {
            throw new ForgeException(ExitCode.Unavailable, $"cannot freeze {name}; stop it before the snapshot is made");
        }

        if (HasDisk && !await TryAsync("fsfreeze", ["-f", Root], cancel))
        {
            throw new ForgeException(ExitCode.Unavailable, $"cannot halt the disk of {name}; stop it before the snapshot is made");
        }
    }

    /// <summary>Undoes a freeze; does nothing to a container that is not frozen.</summary>
    public async Task ThawAsync()
    {
        // Not cancelled: a container must not stay frozen.
        if (HasDisk)
        {
            await TryAsync("fsfreeze", ["-u", Root], CancellationToken.None);
        }

        await TryAsync("lxc-unfreeze", ["-P", Path.GetDirectoryName(folder)!, "-n", name], CancellationToken.None);
    }

    // Never the file system of this machine.
    private bool HasDisk => Mounts.All().Contains(Root);

    // Without forwarding its output: thawing what is not frozen is an error of these programs.
    private static async Task<bool> TryAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        try
        {
            return (await ChildProcess.RunAsync(new ChildCommand(LxcTools.Find(program), arguments, FreezeTimeout), cancel)).ExitCode == 0;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
