using System.Formats.Tar;
using System.Text;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>Makes the root file system of one container. All of it belongs to the id range of the container.</summary>
/// <param name="folder">The folder of the container, as the container reaches it.</param>
internal sealed class LxcRoot(string folder, IdRange ids, LxcTools tools)
{
    private static readonly TimeSpan UnpackTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan CopyTimeout = TimeSpan.FromHours(1);

    // Each side runs as root of its range, so that the kernel translates owners, access control lists and capabilities. The source is
    // opened before, since root of the range cannot pass through the folders above it.
    private const string Copy = """
        set -o pipefail
        cd -- "$1" || exit 1
        form=(--numeric-owner --acls --xattrs '--xattrs-include=*')
        lxc-usernsexec -m "$2" -- tar -cpf - "${form[@]}" --sparse --one-file-system . |
          lxc-usernsexec -m "$3" -- tar -xpf - "${form[@]}" -C "$4"
        """;

    private const string RemoveIdentity =
        $"cd \"$1\" && rm -f etc/ssh/ssh_host_*_key etc/ssh/ssh_host_*_key.pub root/.ssh/{LxcKeys.FileName} "
        + "var/lib/systemd/random-seed var/lib/dbus/machine-id";

    private static readonly string[] FoldersOfIdentity = ["etc/ssh", "root/.ssh", "var/lib/systemd", "var/lib/dbus"];

    // The image has no host keys.
    private const string MakeHostKeys = "[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n";

    private string Root => Path.Combine(folder, "rootfs");

    public bool IsBusybox =>
        new[] { "sbin/init", "usr/sbin/init" }.Any(i =>
            new FileInfo(Path.Combine(Root, i)).LinkTarget?.EndsWith("busybox", StringComparison.Ordinal) == true
        );

    /// <summary>Makes the folder and unpacks the image.</summary>
    /// <returns>Whether the disk limit was applied, if there is one.</returns>
    public Task<bool> CreateAsync(string image, CreateRequest request, CancellationToken cancel) =>
        CreateAsync(request, () => UnpackAsync(image, cancel), cancel);

    /// <summary>Makes the folder and fills it.</summary>
    /// <param name="fill">Unpacks or copies the files.</param>
    /// <inheritdoc cref="CreateAsync(string, CreateRequest, CancellationToken)" path="/returns"/>
    public async Task<bool> CreateAsync(CreateRequest request, Func<Task> fill, CancellationToken cancel)
    {
        // The container passes through its folder; its configuration and log stay closed to it.
        await MakeFolderAsync(folder, "0710", "0", cancel);
        await MakeFolderAsync(Root, "0755", ids.FirstText, cancel);
        var isLimited = request.Disk is { } size && await new LxcDisk(folder, tools).TryCreateAsync(size, cancel);
        if (isLimited)
        {
            await MakeFolderAsync(Root, "0755", ids.FirstText, cancel);
        }

        await fill();
        await PlaceAsync(tar => PackOwnFilesAsync(tar, request, cancel), cancel);
        return isLimited || request.Disk is null;
    }

    /// <summary>Writes the host name that init sets. The container does not run: it could make links meanwhile.</summary>
    public async Task SetHostnameAsync(string hostname, CancellationToken cancel)
    {
        var disk = new LxcDisk(folder, tools);
        await disk.EnsureMountedAsync(cancel);
        await PlaceAsync(tar => WriteHostnameAsync(tar, hostname, cancel), cancel);
        await disk.UnmountAsync(cancel);
    }

    /// <summary>
    /// Copies the files of another container, whose ids become those of this one, without what would identify it: host keys, the keys
    /// of its users that Wombat manages, the machine id and the seed of random numbers.
    /// </summary>
    /// <param name="source">Its root file system. Nothing in it runs.</param>
    public async Task CopyAsync(string source, IdRange sourceIds, CancellationToken cancel)
    {
        string[] arguments = [source, sourceIds.Map, ids.Map, Root];
        Check(await tools.RunAsync("bash", ["-c", Copy, "copy", .. arguments], cancel, CopyTimeout, "copying the root file system"));
        Array.ForEach(FoldersOfIdentity, EnsureNoLinks);
        Check(await tools.RunAsync("lxc-usernsexec", ids.Run("sh", "-c", RemoveIdentity, "sh", Root), cancel));
    }

    // Root of this machine opens the image, root of the container reads it.
    private async Task UnpackAsync(string image, CancellationToken cancel)
    {
        string[] unpack = [image, LxcTools.Find("lxc-usernsexec"), .. ids.Run("tar", "-xpf", "-", "--numeric-owner", "-C", Root)];
        var done = await tools.RunAsync(
            "sh",
            ["-c", "exec \"$@\" <\"$0\"", .. unpack],
            cancel,
            UnpackTimeout,
            "unpacking the root file system"
        );
        Check(done);
    }

    // Packed and unpacked in the id range, and not through symbolic links: those of an image or container lead to files of this machine,
    // of which some folders are open to every account.
    private async Task PlaceAsync(Func<TarWriter, Task> pack, CancellationToken cancel)
    {
        using var packed = new MemoryStream();
        await using (var tar = new TarWriter(packed, TarEntryFormat.Ustar, leaveOpen: true))
        {
            await pack(tar);
        }

        packed.Position = 0;
        await using (var reader = new TarReader(packed, leaveOpen: true))
        {
            while (await reader.GetNextEntryAsync(cancellationToken: cancel) is { } entry)
            {
                EnsureNoLinks(Path.GetDirectoryName(entry.Name) ?? "");
            }
        }

        packed.Position = 0;
        Check(
            await tools.RunAsync(
                "lxc-usernsexec",
                ids.Run("tar", "-xpf", "-", "--numeric-owner", "--no-overwrite-dir", "-C", Root),
                cancel,
                input: packed
            )
        );
    }

    private void EnsureNoLinks(string inside)
    {
        var path = Root;
        foreach (var name in inside.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            path = Path.Combine(path, name);
            if (new FileInfo(path).LinkTarget is not null)
            {
                throw new ForgeException(
                    ExitCode.Failed,
                    $"/{Path.GetRelativePath(Root, path)} of the root file system is a symbolic link, through which nothing is written"
                );
            }
        }
    }

    private static Task WriteHostnameAsync(TarWriter tar, string hostname, CancellationToken cancel) =>
        WriteAsync(tar, "etc/hostname", hostname + "\n", FileModes.Readable, cancel);

    private async Task PackOwnFilesAsync(TarWriter tar, CreateRequest request, CancellationToken cancel)
    {
        await WriteHostnameAsync(tar, request.Hostname ?? request.Name, cancel);
        await WriteAsync(tar, "etc/machine-id", "", FileModes.Readable, cancel);
        if (Directory.Exists(Path.Combine(Root, "etc/systemd/system")) && File.Exists(Path.Combine(Root, "usr/bin/ssh-keygen")))
        {
            await WriteAsync(tar, "etc/systemd/system/ssh.service.d/keys.conf", MakeHostKeys, FileModes.Readable, cancel);
        }

        foreach (var (path, content) in LxcEnvironment.FilesOf(request.Environment, f => Directory.Exists(Path.Combine(Root, f))))
        {
            await WriteAsync(tar, path, content, FileModes.Readable, cancel);
        }

        if (request.UserData is { } script && request.Source is null)
        {
            foreach (var entry in LxcUserData.EntriesOf(script, IsBusybox))
            {
                await tar.WriteEntryAsync(entry, cancel);
            }
        }

        if (request.SshKeys.Count > 0)
        {
            var ssh = new UstarTarEntry(TarEntryType.Directory, "root/.ssh") { Mode = PrivateFiles.FolderMode };
            await tar.WriteEntryAsync(ssh, cancel);
            var keys = string.Join('\n', [LxcKeys.Header, .. request.SshKeys]) + "\n";
            await WriteAsync(tar, $"root/.ssh/{LxcKeys.FileName}", keys, PrivateFiles.FileMode, cancel);
        }
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
