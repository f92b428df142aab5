using System.Formats.Tar;
using System.Text;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>Makes the root file system of one container. All of it belongs to the id range of the container.</summary>
/// <param name="folder">The folder of the container, as the container reaches it.</param>
internal sealed class LxcRoot(string folder, IdRange ids, LxcTools tools)
{
    private const UnixFileMode Readable = PrivateFiles.FileMode | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private static readonly TimeSpan UnpackTimeout = TimeSpan.FromMinutes(10);

    // The image has no host keys.
    private const string MakeHostKeys = "[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n";

    private string Root => Path.Combine(folder, "rootfs");

    public bool IsBusybox =>
        new[] { "sbin/init", "usr/sbin/init" }.Any(i =>
            new FileInfo(Path.Combine(Root, i)).LinkTarget?.EndsWith("busybox", StringComparison.Ordinal) == true
        );

    /// <summary>Makes the folder and unpacks the image.</summary>
    /// <returns>Whether the disk limit was applied, if there is one.</returns>
    public async Task<bool> CreateAsync(string image, CreateRequest request, CancellationToken cancel)
    {
        // The container passes through its folder; its configuration and log stay closed to it.
        await MakeFolderAsync(folder, "0710", "0", cancel);
        await MakeFolderAsync(Root, "0755", ids.FirstText, cancel);
        var isLimited = request.Disk is { } size && await new LxcDisk(folder, tools).TryCreateAsync(size, cancel);
        if (isLimited)
        {
            await MakeFolderAsync(Root, "0755", ids.FirstText, cancel);
        }

        // Root of this machine opens the image, root of the container reads it.
        string[] unpack = [image, LxcTools.Find("lxc-usernsexec"), .. ids.Run("tar", "-xpf", "-", "--numeric-owner", "-C", Root)];
        var done = await tools.RunAsync(
            "sh",
            ["-c", "exec \"$@\" <\"$0\"", .. unpack],
            cancel,
            UnpackTimeout,
            "unpacking the root file system"
        );
        Check(done);
        using var own = await PackOwnFilesAsync(request, cancel);
        Check(
            await tools.RunAsync(
                "lxc-usernsexec",
                ids.Run("tar", "-xpf", "-", "--numeric-owner", "--no-overwrite-dir", "-C", Root),
                cancel,
                input: own
            )
        );
        return isLimited || request.Disk is null;
    }

    // Packed and unpacked in the id range: an image may have symbolic links that a write from the host would follow.
    private async Task<MemoryStream> PackOwnFilesAsync(CreateRequest request, CancellationToken cancel)
    {
        var packed = new MemoryStream();
        await using (var tar = new TarWriter(packed, TarEntryFormat.Ustar, leaveOpen: true))
        {
            await WriteAsync(tar, "etc/hostname", (request.Hostname ?? request.Name) + "\n", Readable, cancel);
            await WriteAsync(tar, "etc/machine-id", "", Readable, cancel);
            if (Directory.Exists(Path.Combine(Root, "etc/systemd/system")) && File.Exists(Path.Combine(Root, "usr/bin/ssh-keygen")))
            {
                await WriteAsync(tar, "etc/systemd/system/ssh.service.d/keys.conf", MakeHostKeys, Readable, cancel);
            }

            if (request.SshKeys.Count > 0)
            {
                var ssh = new UstarTarEntry(TarEntryType.Directory, "root/.ssh") { Mode = PrivateFiles.FolderMode };
                await tar.WriteEntryAsync(ssh, cancel);
                var keys = string.Join('\n', [LxcKeys.Header, .. request.SshKeys]) + "\n";
                await WriteAsync(tar, $"root/.ssh/{LxcKeys.FileName}", keys, PrivateFiles.FileMode, cancel);
            }
        }

        packed.Position = 0;
        return packed;
    }

    private static async Task WriteAsync(TarWriter tar, string path, string content, UnixFileMode mode, CancellationToken cancel)
    {
        using var bytes = new MemoryStream(Encoding.UTF8.GetBytes(content));
        await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, path) { Mode = mode, DataStream = bytes }, cancel);
    }

    private async Task MakeFolderAsync(string path, string mode, string owner, CancellationToken cancel) =>
        Check(await tools.RunAsync("install", ["-d", "-m", mode, "-o", owner, "-g", ids.FirstText, path], cancel));

    private static void Check(ChildResult done)
    {
        if (done.ExitCode != 0)
        {
            throw new ForgeException(
                LxcTools.IsDiskFull(done) ? ExitCode.Capacity : ExitCode.Failed,
                $"cannot make the root file system: {done.ErrorTail}"
            );
        }
    }
}
