using System.Security.Cryptography;
using System.Text;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>
/// A path to the folder of the containers that root of a container can pass. If a parent of the data folder is closed, such as /root,
/// the folder is bound to a second path below /run.
/// </summary>
internal sealed class PassablePath(LxcFolders folders, LxcTools tools)
{
    private const string Parent = "/run/wombat";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private string Alias =>
        Path.Combine(Parent, $"lxc-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folders.Path)))[..16]}");

    /// <summary>The path to use for a new container of this id range. A second path still has to be bound.</summary>
    public async Task<string> ChooseAsync(IdRange ids, CancellationToken cancel)
    {
        var test = new ChildCommand("/usr/bin/test", ["-x", folders.Path], Timeout) { User = ids.Root, WorkingDirectory = "/" };
        return (await ChildProcess.RunAsync(test, cancel)).ExitCode == 0 ? folders.Path : Alias;
    }

    /// <summary>Binds the folder to this path if it is a second path that is not bound, as after a restart of the machine.</summary>
    public async Task EnsureAsync(string path, CancellationToken cancel)
    {
        if (path == folders.Path || IsCurrent(path))
        {
            return;
        }

        await using var pathLock = await LockAsync(cancel);
        if (IsCurrent(path))
        {
            return;
        }

        foreach (var folder in new[] { Parent, path })
        {
            if (!IsBound(folder))
            {
                PassableFolder.Ensure(folder);
            }
        }

        await UnbindAsync(path, cancel);
        var bound = await tools.RunAsync("mount", ["--bind", folders.Path, path], cancel);
        if (bound.ExitCode != 0)
        {
            throw new ForgeException(
                ExitCode.Failed,
                $"a parent of the data folder is closed for containers, and binding the folder to {path} failed: {bound.ErrorTail}; an "
                    + "administrator must set WOMBAT_DATA_DIR to a folder whose parents all accounts may pass"
            );
        }
    }

    /// <summary>Removes the second path unless a container uses it.</summary>
    public async Task RemoveUnusedAsync(CancellationToken cancel)
    {
        if (!Directory.Exists(Alias))
        {
            return;
        }

        await using var pathLock = await LockAsync(cancel);
        if (folders.AllRecords().All(r => r.Path != Alias))
        {
            await UnbindAsync(Alias, cancel);
            if (!IsBound(Alias))
            {
                Directory.Delete(Alias);
            }
        }
    }

    private async Task UnbindAsync(string path, CancellationToken cancel)
    {
        for (var i = 0; i < 5 && IsBound(path); i++)
        {
            await tools.RunAsync("umount", ["-l", path], cancel);
        }
    }

    // The folders of a data folder that was deleted and made again are not seen at the second path.
    private static bool IsCurrent(string path) => Directory.Exists(Path.Combine(path, ".locks")) && IsBound(path);

    private static bool IsBound(string path) => Mounts.All().Contains(path);

    private Task<FileStream> LockAsync(CancellationToken cancel) =>
        FileLock.AcquireAsync(Path.Combine(folders.Locks, ".path"), "binding the folder of the containers", Timeout, cancel);
}
