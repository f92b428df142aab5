using Wombat.Domain.Resources;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Hosts;

/// <summary>The file with the host's id and display name in the data directory, two lines. The operator may change the name, but not the id.</summary>
public static class HostFile
{
    public const string Name = "host-id";

    /// <exception cref="SettingsException">The file does not start with an id.</exception>
    public static HostIdentity ReadOrCreate(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, Name);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(dataDirectory);
            SecretFile.Write(path, $"{Guid.NewGuid()}\n{Environment.MachineName}");
        }

        var lines = File.ReadAllLines(path);
        if (lines.Length == 0 || !Guid.TryParse(lines[0].Trim(), out var id))
        {
            throw new SettingsException(path, "the first line must be the host's id, a UUID");
        }

        var name = lines.Length > 1 && lines[1].Trim() is { Length: > 0 } given ? given : Environment.MachineName;
        return new HostIdentity(id, name.Length > HostIdentity.NameMax ? name[..HostIdentity.NameMax] : name);
    }
}
