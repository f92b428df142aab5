using System.Text;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Public keys in a file for one call of the CLI, one a line.</summary>
internal sealed class KeyFile : IDisposable
{
    private KeyFile(string path) => Path = path;

    public string Path { get; }

    public static async Task<KeyFile> WriteAsync(string dataDirectory, IReadOnlyList<string> keys, CancellationToken cancel)
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(dataDirectory, "tmp"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var file = new KeyFile(System.IO.Path.Combine(folder.FullName, $"{Guid.NewGuid():N}.pub"));
        await File.WriteAllTextAsync(file.Path, string.Join('\n', keys) + "\n", Encoding.ASCII, cancel);
        return file;
    }

    public void Dispose() => File.Delete(Path);
}
