namespace Wombat.Forge.Lxc;

/// <summary>Builds the archive of an image from a tree of files.</summary>
/// <param name="tree">A folder that does not exist yet.</param>
/// <param name="archive">The file to write.</param>
internal sealed class ImageBuilder(string name, string tree, string archive, LxcTools tools)
{
    private const string Packages = "systemd-sysv,openssh-server,iproute2,ca-certificates,netbase,procps,iputils-ping,curl";

    // What a container must not share with others or with this machine. A new container makes its own machine id and host keys.
    private static readonly string[] ForeignFiles =
    [
        "--anchored",
        "--no-wildcards-match-slash",
        "--exclude=./dev/*",
        "--exclude=./etc/hostname",
        "--exclude=./etc/resolv.conf",
        "--exclude=./etc/machine-id",
        "--exclude=./etc/ssh/ssh_host_*",
        "--exclude=./var/cache/apt/archives/*.deb",
        "--exclude=./var/cache/apt/*.bin",
        "--exclude=./var/lib/apt/lists/*_*",
        "--exclude=./var/lib/dbus/machine-id",
        "--exclude=./var/log/*log",
        "--exclude=./var/log/?tmp",
    ];

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
            // debootstrap has written the line of the mirror that it used: deb MIRROR SUITE main
            var sources = At("etc/apt/sources.list");
            var mirror = (await File.ReadAllTextAsync(sources, cancel)).Split(' ')[1];
            string[] updates = [$"deb {mirror} {suite}-updates main", $"deb {mirror}-security {suite}-security main"];
            await File.AppendAllLinesAsync(sources, updates, cancel);
        }

        await FinishAsync(cancel);
    }

    /// <summary>A root file system archive, as tar recognizes it by its content.</summary>
    public async Task UnpackAsync(string source, CancellationToken cancel)
    {
        Directory.CreateDirectory(tree);
        await RunAsync(
            "tar",
            ["-xpf", source, "--numeric-owner", "--anchored", "--exclude=./dev/*", "--exclude=dev/*", "-C", tree],
            cancel
        );
        await FinishAsync(cancel);
    }

    // Nothing in the tree is written or deleted: an archive may have symbolic links that lead to files of this machine.
    private Task FinishAsync(CancellationToken cancel) =>
        RunAsync("tar", ["-cpf", archive, "--numeric-owner", .. ForeignFiles, "-C", tree, "."], cancel);

    private string At(string path) => Path.Combine(tree, path);

    private async Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var done = await tools.RunLongAsync(program, arguments, $"building the image {name}", Timeout, cancel);
        if (done.ExitCode != 0)
        {
            throw new ForgeException(
                LxcTools.IsDiskFull(done) ? ExitCode.Capacity : ExitCode.Unavailable,
                $"cannot build the image {name}: {done.ErrorTail}"
            );
        }
    }
}
