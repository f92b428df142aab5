using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>The disk of a container with a disk limit: a file with an ext4 file system, mounted at the root of the container.</summary>
/// <param name="folder">The folder of the container.</param>
internal sealed class LxcDisk(string folder, LxcTools tools)
{
    private static readonly FileStreamOptions OnlyForRoot = new()
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        UnixCreateMode = PrivateFiles.FileMode,
    };

    private const int CapSysResource = 24;
    private const long GiB = 1024L * 1024 * 1024;

    private string Image => Path.Combine(folder, "disk.img");

    private string Root => Path.Combine(folder, "rootfs");

    private bool Exists => File.Exists(Image);

    /// <summary>Makes and mounts an empty file system.</summary>
    /// <returns>False if this machine has no loop devices; then nothing is left.</returns>
    public async Task<bool> TryCreateAsync(int sizeGiB, CancellationToken cancel)
    {
        if (!File.Exists("/dev/loop-control"))
        {
            return false;
        }

        await using (var image = new FileStream(Image, OnlyForRoot))
        {
            image.SetLength(sizeGiB * GiB);
        }

        string[] options = ["-q", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", "-F", Image];
        var made = await tools.RunAsync("mkfs.ext4", options, cancel, step: "making the file system");
        if (made.ExitCode == 0 && await TryMountAsync(cancel))
        {
            Directory.Delete(Path.Combine(Root, "lost+found"));
            return true;
        }

        File.Delete(Image);
        return false;
    }

    /// <summary>Mounts the disk if the container has one that is not mounted, for instance after a restart of the machine.</summary>
    /// <exception cref="ForgeException">Unavailable: it cannot be mounted.</exception>
    public async Task EnsureMountedAsync(CancellationToken cancel)
    {
        if (Exists && !Mounts.All().Contains(Root) && !await TryMountAsync(cancel))
        {
            throw new ForgeException(ExitCode.Unavailable, "cannot mount the disk of the container; an administrator must check it");
        }
    }

    /// <summary>Grows the disk, also while it is mounted. A repeated call finishes an interrupted one.</summary>
    /// <exception cref="ForgeException">As of <see cref="EnsureCanGrow"/>; Failed: the file system cannot grow.</exception>
    public async Task GrowAsync(int sizeGiB, CancellationToken cancel)
    {
        EnsureCanGrow(sizeGiB);
        await using (var image = new FileStream(Image, FileMode.Open, FileAccess.Write))
        {
            image.SetLength(sizeGiB * GiB);
        }

        var device = (await tools.RunAsync("losetup", ["-j", Image, "-n", "-O", "NAME"], cancel)).Output.Trim();
        if (device.Length > 0)
        {
            await CheckAsync("losetup", ["-c", device], cancel);
        }
        else
        {
            // resize2fs demands it of a file system that is not mounted. 1: errors were corrected.
            await CheckAsync("e2fsck", ["-f", "-p", Image], cancel, allowed: 1);
        }

        await CheckAsync("resize2fs", [device.Length > 0 ? device : Image], cancel);
    }

    /// <exception cref="ForgeException">
    /// Usage: there is no disk, or it is larger. Conflict: it is mounted, and the kernel does not let this process grow it then.
    /// </exception>
    public void EnsureCanGrow(int sizeGiB)
    {
        if (SizeGiB is not { } present)
        {
            throw new ForgeException(ExitCode.Usage, "--disk: only a container that was created with a disk size has one that can grow");
        }

        if (sizeGiB < present)
        {
            throw new ForgeException(ExitCode.Usage, $"--disk: has {present} GiB and cannot shrink");
        }

        if (sizeGiB > present && Mounts.All().Contains(Root) && !MayGrowWhileMounted())
        {
            throw new ForgeException(
                ExitCode.Conflict,
                "this machine does not let the disk of a running container grow (CAP_SYS_RESOURCE is missing); stop the container first"
            );
        }
    }

    private static bool MayGrowWhileMounted() =>
        File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith("CapEff:", StringComparison.Ordinal)) is { } line
        && (Convert.ToUInt64(line["CapEff:".Length..].Trim(), 16) >> CapSysResource & 1) == 1;

    private async Task CheckAsync(string program, string[] arguments, CancellationToken cancel, int allowed = 0)
    {
        var done = await tools.RunAsync(program, arguments, cancel, step: "growing the disk");
        if (done.ExitCode > allowed)
        {
            throw new ForgeException(ExitCode.Failed, $"cannot grow the disk: {program}: {done.ErrorTail}");
        }
    }

    /// <summary>Unmounts the disk, which frees its loop device.</summary>
    public async Task UnmountAsync(CancellationToken cancel)
    {
        for (var i = 0; i < 5 && Mounts.All().Contains(Root); i++)
        {
            var done = await tools.RunAsync("umount", [Root], cancel);
            if (done.ExitCode != 0)
            {
                await tools.RunAsync("umount", ["-l", Root], cancel);
            }
        }
    }

    /// <summary>The size in GiB; null without a disk of its own.</summary>
    public int? SizeGiB => Exists ? (int)(new FileInfo(Image).Length / GiB) : null;

    // loop: mount frees the device when the file system is unmounted.
    private async Task<bool> TryMountAsync(CancellationToken cancel) =>
        (await tools.RunAsync("mount", ["-t", "ext4", "-o", "loop,nodev", Image, Root], cancel)).ExitCode == 0;
}
