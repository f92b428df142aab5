using System.Text.Json;
using Wombat.Domain.Containers;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Temporary files for a call of the CLI: what is too long, or too secret, for its arguments.</summary>
internal sealed class CallFiles(string dataDirectory) : IDisposable
{
    private readonly string folder = Path.Combine(dataDirectory, "tmp");
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
        if (spec.SshKeys.Count > 0)
        {
            files.WriteKeys(spec.SshKeys);
        }

        // A clone has names only.
        var variables = spec.Environment.Where(v => v.Value is not null).ToDictionary(StringComparer.Ordinal);
        if (variables.Count > 0)
        {
            files.Environment = files.Write("json", JsonSerializer.Serialize(variables));
        }

        files.UserData = spec.UserData is { } script ? files.Write("sh", script) : null;
        return files;
    }

    public void WriteKeys(IReadOnlyList<string> keys) => SshKeys = Write("pub", string.Join('\n', keys) + "\n");

    private string Write(string extension, string content)
    {
        PrivateFiles.EnsureFolder(folder);
        var path = Path.Combine(folder, $"{Guid.NewGuid():N}.{extension}");
        written.Add(path);
        PrivateFiles.Write(path, content);
        return path;
    }

    public void Dispose() => written.ForEach(File.Delete);
}
