using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>What containers are made from.</summary>
internal sealed class LxcTemplates(string path, LxcTools tools, string locks)
{
    private static readonly TimeSpan DebootstrapPatience = TimeSpan.FromMinutes(15);

    private const UnixFileMode ReadableByAll = PrivateFiles.FileMode | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>sshd reads it beside authorized_keys, which is the user's own.</summary>
    public const string KeyFile = "authorized_keys2";

    public const string KeyFileHeader = "# Written by Wombat; your own keys belong into authorized_keys.";

    public static IReadOnlyList<Template> All { get; } =
    [
        new("busybox", "BusyBox, a shell and small tools; ready in about a second", AcceptsSshKeys: false, ChangesSshKeys: false),
        new(
            "debian-12",
            "Debian 12 with systemd and sshd; its first use builds the root file system",
            AcceptsSshKeys: true,
            ChangesSshKeys: true
        ),
    ];

    /// <exception cref="ForgeException">The template does not exist or cannot take what is asked.</exception>
    public static void Check(CreateRequest request)
    {
        var template =
            All.FirstOrDefault(t => t.Name == request.Template)
            ?? throw new ForgeException(ExitCode.Usage, $"--template: is not one of {string.Join(", ", All.Select(t => t.Name))}");
        if (request.SshKeys.Count > 0 && !template.AcceptsSshKeys)
        {
            throw new ForgeException(ExitCode.Usage, $"--ssh-key-file: the template {template.Name} takes no keys");
        }
    }

    public async Task MakeAsync(string name, CreateRequest request, string? bridge, CancellationToken cancel)
    {
        if (request.Template == "busybox")
        {
            await MakeBusyboxAsync(name, bridge, cancel);
        }
        else
        {
            await MakeDebianAsync(name, request.SshKeys, bridge, cancel);
        }
    }

    private async Task MakeBusyboxAsync(string name, string? bridge, CancellationToken cancel)
    {
        var start = Path.Combine(path, ".forge", name + ".conf");
        await File.WriteAllLinesAsync(start, [.. Network(bridge), .. Console(name)], cancel);
        try
        {
            var made = await tools.OnAsync("lxc-create", name, cancel, "-f", start, "-t", "busybox");
            if (made.ExitCode != 0)
            {
                throw new ForgeException(ExitCode.Failed, $"lxc-create failed for {name}: {made.ErrorTail}");
            }
        }
        finally
        {
            File.Delete(start);
        }
    }

    private async Task MakeDebianAsync(string name, IReadOnlyList<string> keys, string? bridge, CancellationToken cancel)
    {
        var cached = await CachedDebianAsync(cancel);
        var folder = Path.Combine(path, name);
        var root = Path.Combine(folder, "rootfs");
        PrivateFiles.EnsureFolder(folder);
        await System.Console.Error.WriteLineAsync("copying the root file system");
        var copied = await tools.RunAsync("cp", ["-a", "--reflink=auto", cached, root], cancel, step: "copying the root file system");
        if (copied.ExitCode != 0)
        {
            throw new ForgeException(
                copied.ErrorTail.Contains("No space left", StringComparison.Ordinal) ? ExitCode.Capacity : ExitCode.Failed,
                $"copying failed: {copied.ErrorTail}"
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

        // Written last: a folder without it is no container yet.
        string[] config =
        [
            "lxc.include = /usr/share/lxc/config/common.conf",
            $"lxc.rootfs.path = dir:{root}",
            $"lxc.uts.name = {name}",
            "lxc.mount.auto = proc:mixed sys:mixed cgroup:mixed",
            .. Network(bridge),
            .. Console(name),
        ];
        await File.WriteAllLinesAsync(Path.Combine(folder, "config"), config, cancel);
    }

    private async Task<string> CachedDebianAsync(CancellationToken cancel)
    {
        var cache = Path.Combine(path, ".cache", "debian-12");
        await using var held = await FileLock.TakeAsync(
            Path.Combine(locks, "cache.debian-12"),
            "builds the Debian 12 image",
            DebootstrapPatience,
            cancel
        );
        if (Directory.Exists(cache))
        {
            return cache;
        }

        PrivateFiles.EnsureFolder(Path.GetDirectoryName(cache)!);
        var draft = cache + ".new";
        await tools.RunAsync("rm", ["-rf", "--one-file-system", draft], cancel);
        await System.Console.Error.WriteLineAsync("building the Debian 12 image, once; later containers copy it");
        var built = await tools.RunAsync(
            "debootstrap",
            ["--variant=minbase", "--include=systemd-sysv,openssh-server,iproute2,ca-certificates", "bookworm", draft],
            cancel,
            DebootstrapPatience,
            "building the Debian 12 image"
        );
        if (built.ExitCode != 0)
        {
            throw new ForgeException(
                ExitCode.Unavailable,
                $"the Debian 12 image cannot be built: {tools.WithoutPath($"{LastLine(built.Output)} {built.ErrorTail}".Trim())}"
            );
        }

        // Each container makes host keys of its own at its first start.
        foreach (var key in Directory.EnumerateFiles(Path.Combine(draft, "etc/ssh"), "ssh_host_*"))
        {
            File.Delete(key);
        }

        var unit = Path.Combine(draft, "etc/systemd/system/ssh.service.d");
        Directory.CreateDirectory(unit);
        await File.WriteAllTextAsync(
            Path.Combine(unit, "keys.conf"),
            "[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n",
            cancel
        );
        Directory.Move(draft, cache);
        return cache;
    }

    // Bounded: whoever is root inside writes there as much as they like.
    private string[] Console(string name) =>
        [$"lxc.console.logfile = {Path.Combine(path, name, "console.log")}", "lxc.console.size = 1MB", "lxc.console.rotate = 1"];

    private static string[] Network(string? bridge) =>
        bridge is null ? ["lxc.net.0.type = empty"] : ["lxc.net.0.type = veth", $"lxc.net.0.link = {bridge}", "lxc.net.0.flags = up"];

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1];
}
