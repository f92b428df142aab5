using System.Formats.Tar;
using System.Text;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>The image of the template busybox, made of one static program.</summary>
internal static class BusyboxImage
{
    public const string StartScript = "etc/init.d/rcS";
    public const string StartText = "#!/bin/sh\n/sbin/syslogd -b 1 -s 200\n/bin/mount -a\n";

    private const UnixFileMode Shared = UnixFileMode.StickyBit | FileModes.Executable | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private static readonly string[] Folders =
    [
        "bin",
        "dev",
        "etc",
        "etc/init.d",
        "home",
        "mnt",
        "proc",
        "run",
        "sbin",
        "sys",
        "usr",
        "usr/bin",
        "usr/sbin",
        "var",
        "var/log",
        "var/www",
    ];

    // The address of the container is set by lxc, so that no DHCP client runs.
    private static readonly (string Path, string Content, UnixFileMode Mode)[] Files =
    [
        ("etc/fstab", "", FileModes.Readable),
        ("etc/group", "root:x:0:\ntty:x:5:\nwww-data:x:33:\nnogroup:x:65534:\n", FileModes.Readable),
        ("etc/inittab", "::sysinit:/etc/init.d/rcS\nconsole::askfirst:/bin/sh\n::ctrlaltdel:/sbin/reboot\n", FileModes.Readable),
        (StartScript, StartText, FileModes.Executable),
        ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n", FileModes.Readable),
        ("etc/profile", "export PATH=/usr/sbin:/usr/bin:/sbin:/bin\n", FileModes.Readable),
        ("etc/shadow", "root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n", PrivateFiles.FileMode),
    ];

    public static async Task WriteAsync(string program, string archive, CancellationToken cancel)
    {
        await using var file = new FileStream(archive, FileMode.CreateNew, FileAccess.Write);
        await using var tar = new TarWriter(file, TarEntryFormat.Ustar);
        foreach (var folder in Folders)
        {
            await WriteAsync(tar, TarEntryType.Directory, folder, FileModes.Executable, cancel);
        }

        await WriteAsync(tar, TarEntryType.Directory, "root", PrivateFiles.FolderMode, cancel);
        await WriteAsync(tar, TarEntryType.Directory, "tmp", Shared, cancel);
        await using (var content = File.OpenRead(program))
        {
            await WriteAsync(tar, TarEntryType.RegularFile, "bin/busybox", FileModes.Executable, cancel, content: content);
        }

        foreach (var (path, content, mode) in Files)
        {
            using var bytes = new MemoryStream(Encoding.ASCII.GetBytes(content));
            await WriteAsync(tar, TarEntryType.RegularFile, path, mode, cancel, content: bytes);
        }

        foreach (var applet in await AppletsAsync(program, cancel))
        {
            await WriteAsync(
                tar,
                TarEntryType.SymbolicLink,
                applet,
                FileModes.Executable | UnixFileMode.GroupWrite,
                cancel,
                "/bin/busybox"
            );
        }
    }

    // The paths of the applets, such as usr/bin/wget. Those of the root folder, such as linuxrc, are for initial RAM disks.
    private static async Task<IEnumerable<string>> AppletsAsync(string program, CancellationToken cancel)
    {
        var listed = await ChildProcess.RunAsync(new ChildCommand(program, ["--list-full"], TimeSpan.FromSeconds(10)), cancel);
        var applets = listed
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .ToHashSet(StringComparer.Ordinal);
        string[] needed = ["sbin/init", "bin/sh"];
        return listed.ExitCode == 0 && needed.All(applets.Contains)
            ? applets.Where(a => a.Contains('/', StringComparison.Ordinal) && a != "bin/busybox")
            : throw new ForgeException(
                ExitCode.Unavailable,
                "busybox of this machine has no init; an administrator must install busybox-static"
            );
    }

    private static async Task WriteAsync(
        TarWriter tar,
        TarEntryType type,
        string path,
        UnixFileMode mode,
        CancellationToken cancel,
        string? target = null,
        Stream? content = null
    )
    {
        var entry = new UstarTarEntry(type, path) { Mode = mode };
        if (content is not null)
        {
            entry.DataStream = content;
        }

        if (target is not null)
        {
            entry.LinkName = target;
        }

        await tar.WriteEntryAsync(entry, cancel);
    }
}
