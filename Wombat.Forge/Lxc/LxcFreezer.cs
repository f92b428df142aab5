using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>Halts the processes of a container, and the file system of its disk, while they are copied.</summary>
/// <param name="folder">The folder of the container, as lxc knows it.</param>
internal sealed class LxcFreezer(string folder, string name)
{
    private static readonly TimeSpan FreezeTimeout = TimeSpan.FromSeconds(90);

    // In this order: a process that waits for a halted file system cannot be frozen.
    private const string Script =
        "[ -e \"$0\" ] && timeout 30 lxc-freeze -P \"$1\" -n \"$2\" && { [ -z \"$3\" ] || timeout 30 fsfreeze -f \"$3\"; }";

    private string Root => Path.Combine(folder, "rootfs");

    private string Containers => Path.GetDirectoryName(folder)!;

    // Never the file system of this machine.
    private bool HasDisk => Mounts.All().Contains(Root);

    private string Copies => Path.Combine(folder, "snapshots");

    private string Permit => Path.Combine(Copies, ".freeze");

    private string LockFile => Path.Combine(Copies, ".freeze.lock");

    /// <exception cref="ForgeException">Unavailable: it cannot be halted, so that a copy would not be consistent.</exception>
    public async Task FreezeAsync(CancellationToken cancel)
    {
        if (!HasDisk && File.Exists(Path.Combine(folder, "disk.img")))
        {
            throw new ForgeException(
                ExitCode.Unavailable,
                $"the disk of {name} is mounted in another mount namespace; restart the container before the snapshot is made"
            );
        }

        // When forge is killed, these programs go on. They act only under the lock and with the permit, which a thaw withdraws.
        PrivateFiles.EnsureFolder(Copies);
        await File.WriteAllTextAsync(Permit, "", cancel);
        string[] arguments = [LockFile, "/bin/sh", "-c", Script, Permit, Containers, name, HasDisk ? Root : ""];
        if (!await TryAsync("flock", arguments, cancel))
        {
            throw new ForgeException(ExitCode.Unavailable, $"cannot freeze {name}; stop it before the snapshot is made");
        }
    }

    /// <summary>Undoes a freeze; does nothing to a container that is not frozen.</summary>
    public async Task ThawAsync()
    {
        // Not cancelled: a container must not stay frozen.
        PrivateFiles.EnsureFolder(Copies);
        await using (await FileLock.AcquireAsync(LockFile, $"freezing {name}", FreezeTimeout, CancellationToken.None))
        {
            File.Delete(Permit);
        }

        if (HasDisk)
        {
            await TryAsync("fsfreeze", ["-u", Root], CancellationToken.None);
        }

        await TryAsync("lxc-unfreeze", ["-P", Containers, "-n", name], CancellationToken.None);
    }

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
