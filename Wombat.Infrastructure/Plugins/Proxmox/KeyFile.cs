using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>A temporary file with public keys for a call of the CLI, one per line.</summary>
internal sealed class KeyFile : IDisposable
{
    private KeyFile(string path) => Path = path;

    public string Path { get; }

    public static KeyFile Write(string dataDirectory, IReadOnlyList<string> keys)
    {
        var folder = System.IO.Path.Combine(dataDirectory, "tmp");
        PrivateFiles.EnsureFolder(folder);
        var file = new KeyFile(System.IO.Path.Combine(folder, $"{Guid.NewGuid():N}.pub"));
        PrivateFiles.Write(file.Path, string.Join('\n', keys) + "\n");
        return file;
    }

    public void Dispose() => File.Delete(Path);
}
