using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Commands;

/// <summary>The home directory of a run, which only its account can access. Removed with its content when disposed of.</summary>
internal sealed class RunFolder : IDisposable
{
    /// <param name="owner">Null for Wombat's own account.</param>
    public RunFolder(string path, UnixUser? owner)
    {
        Path = path;

        // One that an earlier attempt left, or that another account has placed there, is not used.
        Delete();
        Directory.CreateDirectory(Path, PrivateFiles.FolderMode);
        if (owner is not null)
        {
            UnixAccounts.ChangeOwner(Path, owner.Uid, owner.Gid);
        }
    }

    public string Path { get; }

    public void Dispose() => Delete();

    private void Delete()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing is left.
        }
    }
}
