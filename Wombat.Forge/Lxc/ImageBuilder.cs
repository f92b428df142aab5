namespace Wombat.Forge.Lxc;

/// <summary>Builds the archive of an image from a tree of files.</summary>
/// <param name="tree">A folder that does not exist yet.</param>
/// <param name="archive">The file to write.</param>
internal sealed class ImageBuilder(string name, string tree, string archive, LxcTools tools)
{
    private const string Packages = "systemd-sysv,openssh-server,iproute2,ca-certificates,netbase,procps,iputils-ping,curl";
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(20);

    public string Tree => tree;

    public string Archive => archive;

    /// <summary>A system of Debian or a distribution made from it.</summary>
    public async Task BootstrapAsync(string suite, CancellationToken cancel)
    {
        // Its mounts end with its namespace, also when it is killed.
        var program = LxcTools.Find("debootstrap");
        await RunAsync("unshare", ["--mount", program, "--variant=minbase", $"--include={Packages}", suite, tree], cancel);
        if (suite is "bullseye" or "bookworm" or "trixie")
        {
            await File.AppendAllLinesAsync(
                At("etc/apt/sources.list"),
                [
                    $"deb http://deb.debian.org/debian {suite}-updates main",
                    $"deb http://deb.debian.org/debian-security {suite}-security main",
                ],
                cancel
            );
        }

        await FinishAsync(cancel);
    }

    /// <summary>A root file system archive, as tar recognizes it by its content.</summary>
    public async Task UnpackAsync(string source, CancellationToken cancel)
    {
        Directory.CreateDirectory(tree);
        await RunAsync("tar", ["-xpf", source, "--numeric-owner", "--exclude=./dev/*", "--exclude=dev/*", "-C", tree], cancel);
        await FinishAsync(cancel);
    }

    // What a container must not share with others or with this machine. A new container makes its own machine id and host keys.
    private async Task FinishAsync(CancellationToken cancel)
    {
        string[] foreign =
        [
            "etc/hostname",
            "etc/resolv.conf",
            "etc/machine-id",
            "etc/ssh/ssh_host_*",
            "var/cache/apt/archives/*.deb",
            "var/cache/apt/*.bin",
            "var/lib/apt/lists/*",
            "var/lib/dbus/machine-id",
            "var/log/*",
        ];
        foreach (var file in foreign.SelectMany(FilesLike))
        {
            File.Delete(file);
        }

        if (Directory.Exists(At("etc")))
        {
            await File.WriteAllTextAsync(At("etc/machine-id"), "", cancel);
        }

        if (Directory.Exists(At("etc/systemd/system")) && File.Exists(At("usr/bin/ssh-keygen")))
        {
            Directory.CreateDirectory(At("etc/systemd/system/ssh.service.d"));
            await File.WriteAllTextAsync(
                At("etc/systemd/system/ssh.service.d/keys.conf"),
                "[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n",
                cancel
            );
        }

        await RunAsync("tar", ["-cpf", archive, "--numeric-owner", "--exclude=./dev/*", "-C", tree, "."], cancel);
    }

    private IEnumerable<string> FilesLike(string pattern)
    {
        var folder = At(Path.GetDirectoryName(pattern)!);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, Path.GetFileName(pattern)) : [];
    }

    private string At(string path) => Path.Combine(tree, path);

    private async Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var done = await tools.RunLongAsync(program, arguments, $"building the image {name}", Timeout, cancel);
        if (done.ExitCode != 0)
        {
            throw new ForgeException(
                done.ErrorTail.Contains("No space left", StringComparison.Ordinal) ? ExitCode.Capacity : ExitCode.Unavailable,
                $"cannot build the image {name}: {done.ErrorTail}"
            );
        }
    }
}
