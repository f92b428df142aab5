using System.Text.Json;
using Wombat.Domain.Containers;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Temporary files for a call of the CLI: what is too long, or too secret, for its arguments.</summary>
internal sealed class CallFiles(string dataDirectory) : IDisposable
{
    private static readonly string OfThisProcess = $"{Guid.NewGuid():N}-";
    private readonly string folder = FolderOf(dataDirectory);
    private readonly List<string> written = [];

    /// <summary>The file of the public keys, one per line; null without keys.</summary>
    public string? SshKeys { get; private set; }

    /// <summary>The file of the environment variables, a JSON object; null without variables.</summary>
    public string? Environment { get; private set; }

    /// <summary>The file of the user data; null without it.</summary>
    public string? UserData { get; private set; }

    /// <summary>Writes the files that a creation needs.</summary>
    public static CallFiles For(string dataDirectory, ContainerSpec spec)
    {
        var files = new CallFiles(dataDirectory);
        try
        {
            files.Write(spec);
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Removes what processes before this one left when they were killed.</summary>
    public static void RemoveLeftovers(string dataDirectory)
    {
        var all = FolderOf(dataDirectory);
        foreach (var file in Directory.Exists(all) ? Directory.GetFiles(all) : [])
        {
            if (!file.Contains(OfThisProcess, StringComparison.Ordinal))
            {
                File.Delete(file);
            }
        }
    }

    private void Write(ContainerSpec spec)
    {
        if (spec.SshKeys.Count > 0)
        {
            WriteKeys(spec.SshKeys);
        }

        // A clone has names only.
        var variables = spec.Environment.Where(v => v.Value is not null).ToDictionary(StringComparer.Ordinal);
        if (variables.Count > 0)
        {
            Environment = Write("json", JsonSerializer.Serialize(variables));
        }

        UserData = spec.UserData is { } script ? Write("sh", script) : null;
    }

    public void WriteKeys(IReadOnlyList<string> keys) => SshKeys = Write("pub", string.Join('\n', keys) + "\n");

    private string Write(string extension, string content)
    {
        PrivateFiles.EnsureFolder(folder);
        var path = Path.Combine(folder, $"{OfThisProcess}{Guid.NewGuid():N}.{extension}");
        written.Add(path);
        PrivateFiles.Write(path, content);
        return path;
    }

    private static string FolderOf(string dataDirectory) => Path.Combine(dataDirectory, "tmp");

    public void Dispose() => written.ForEach(File.Delete);
}
