using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>The templates of the LXC back end, and the creation of containers from them.</summary>
internal sealed class LxcTemplates(string path, LxcTools tools, string locks)
{
    private static readonly TimeSpan DebootstrapTimeout = TimeSpan.FromMinutes(15);

    private const UnixFileMode ReadableByAll = PrivateFiles.FileMode | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>sshd reads this file in addition to authorized_keys, which belongs to the user.</summary>
    public const string KeyFile = "authorized_keys2";

    public const string KeyFileHeader = "# Managed by Wombat. Put your own keys in authorized_keys.";

    public static IReadOnlyList<Template> All { get; } =
    [
        new("busybox", "BusyBox: a shell and basic tools; ready in about 1 s", AcceptsSshKeys: false, ChangesSshKeys: false),
        new("debian-12", "Debian 12 with systemd and sshd; the first use builds the image", AcceptsSshKeys: true, ChangesSshKeys: true),
    ];

    /// <exception cref="ForgeException">Usage: the template does not exist or does not accept SSH keys.</exception>
    public static void Check(CreateRequest request)
    {
        var template =
            All.FirstOrDefault(t => t.Name == request.Template)
            ?? throw new ForgeException(ExitCode.Usage, $"--template: must be one of {string.Join(", ", All.Select(t => t.Name))}");
        if (request.SshKeys.Count > 0 && !template.AcceptsSshKeys)
        {
            throw new ForgeException(ExitCode.Usage, $"--ssh-key-file: the template {template.Name} does not accept SSH keys");
        }
    }

    public async Task CreateAsync(string name, CreateRequest request, string networkConfig, CancellationToken cancel)
    {
        if (request.Template == "busybox")
        {
            await CreateBusyboxAsync(name, networkConfig, cancel);
        }
        else
        {
            await CreateDebianAsync(name, request.SshKeys, networkConfig, cancel);
        }
    }

    private async Task CreateBusyboxAsync(string name, string networkConfig, CancellationToken cancel)
    {
        var start = Path.Combine(path, ".forge", name + ".conf");
        await File.WriteAllLinesAsync(start, [.. Network(networkConfig), .. Console(name)], cancel);
        try
        {
            var created = await tools.RunOnAsync("lxc-create", name, cancel, "-f", start, "-t", "busybox");
            if (created.ExitCode != 0)
            {
                throw new ForgeException(ExitCode.Failed, $"lxc-create failed for {name}: {created.ErrorTail}");
            }

            // Its DHCP client removes the fixed address.
            var init = Path.Combine(path, name, "rootfs/etc/init.d/rcS");
            var lines = await File.ReadAllLinesAsync(init, cancel);
            await File.WriteAllLinesAsync(init, lines.Where(l => !l.Contains("udhcpc", StringComparison.Ordinal)), cancel);
        }
        finally
        {
            File.Delete(start);
        }
    }

    private async Task CreateDebianAsync(string name, IReadOnlyList<string> keys, string networkConfig, CancellationToken cancel)
    {
        var cached = await EnsureDebianImageAsync(cancel);
        var folder = Path.Combine(path, name);
        var root = Path.Combine(folder, "rootfs");
        PrivateFiles.EnsureFolder(folder);
        await System.Console.Error.WriteLineAsync("Copying the root file system");
        var copied = await tools.RunAsync("cp", ["-a", "--reflink=auto", cached, root], cancel, step: "copying the root file system");
        if (copied.ExitCode != 0)
        {
            throw new ForgeException(
                copied.ErrorTail.Contains("No space left", StringComparison.Ordinal) ? ExitCode.Capacity : ExitCode.Failed,
                $"cannot copy the root file system: {copied.ErrorTail}"
            );
        }

        await File.WriteAllTextAsync(Path.Combine(root, "etc/hostname"), name + "\n", cancel);
        File.SetUnixFileMode(Path.Combine(root, "etc/hostname"), ReadableByAll);
        if (keys.Count > 0)
        {
            var ssh = Path.Combine(root, "root/.ssh");
            Directory.CreateDirectory(ssh, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await File.WriteAllLinesAsync(Path.Combine(ssh, KeyFile), [KeyFileHeader, .. keys], cancel);
        }

        // Written last: lxc regards a folder without this file as no container.
        string[] config =
        [
            "lxc.include = /usr/share/lxc/config/common.conf",
            $"lxc.rootfs.path = dir:{root}",
            $"lxc.uts.name = {name}",
            "lxc.mount.auto = proc:mixed sys:mixed cgroup:mixed",
            .. Network(networkConfig),
            .. Console(name),
        ];
        await File.WriteAllLinesAsync(Path.Combine(folder, "config"), config, cancel);
    }

    private async Task<string> EnsureDebianImageAsync(CancellationToken cancel)
    {
        var cache = Path.Combine(path, ".cache", "debian-12");
        await using var imageLock = await FileLock.AcquireAsync(
            Path.Combine(locks, "cache.debian-12"),
            "building the Debian 12 image",
            DebootstrapTimeout,
            cancel
        );
        if (Directory.Exists(cache))
        {
            return cache;
        }

        PrivateFiles.EnsureFolder(Path.GetDirectoryName(cache)!);
        var temporary = cache + ".new";
        await tools.RunAsync("rm", ["-rf", "--one-file-system", temporary], cancel);
        await System.Console.Error.WriteLineAsync("Building the Debian 12 image (first use only, about 80 s)");
        var built = await tools.RunAsync(
            "debootstrap",
            ["--variant=minbase", "--include=systemd-sysv,openssh-server,iproute2,ca-certificates", "bookworm", temporary],
            cancel,
            DebootstrapTimeout,
            "building the Debian 12 image"
        );
        if (built.ExitCode != 0)
        {
            throw new ForgeException(
                ExitCode.Unavailable,
                $"cannot build the Debian 12 image: {tools.RemovePath($"{LastLine(built.Output)} {built.ErrorTail}".Trim())}"
            );
        }

        // Each container generates its own host keys at its first start.
        foreach (var key in Directory.EnumerateFiles(Path.Combine(temporary, "etc/ssh"), "ssh_host_*"))
        {
            File.Delete(key);
        }

        var unit = Path.Combine(temporary, "etc/systemd/system/ssh.service.d");
        Directory.CreateDirectory(unit);
        await File.WriteAllTextAsync(
            Path.Combine(unit, "keys.conf"),
            "[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n",
            cancel
        );
        Directory.Move(temporary, cache);
        return cache;
    }

    // Bounded: root inside the container can write any amount to the console.
    private string[] Console(string name) =>
        [$"lxc.console.logfile = {Path.Combine(path, name, "console.log")}", "lxc.console.size = 1MB", "lxc.console.rotate = 1"];

    // In a file of its own, which is written before each start.
    private static string[] Network(string configFile) => [$"lxc.include = {configFile}"];

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1];
}
