using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Postgres;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>The folder of one database: where everything lies in it, and its two files of metadata and passwords.</summary>
internal sealed class InstanceFolder(string path)
{
    // Other accounts may pass through, since PostgreSQL runs under another one. What lies in the folder is closed to them.
    private const UnixFileMode Mode = PrivateFiles.FolderMode | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly ConcurrentDictionary<string, Lock> Gates = new(StringComparer.Ordinal);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        IgnoreReadOnlyProperties = true,
        Converters = { new JsonStringEnumConverter() },
    };

    public string Path => path;

    public string Key => System.IO.Path.GetFileName(path);

    /// <summary>The data directory of the server.</summary>
    public string Data => In("data");

    /// <summary>A data directory that is not complete yet.</summary>
    public string Draft => In("data.new");

    /// <summary>A data directory that is being removed.</summary>
    public string Discarded => In("data.old");

    /// <summary>The folder of a second server, in which a backup is restored beside the present data.</summary>
    public InstanceFolder Restored => new(In("restored"));

    /// <summary>Its presence makes the server start as a standby; it does not change while the server runs.</summary>
    public string StandbySignal => System.IO.Path.Combine(Data, "standby.signal");

    /// <summary>The configuration as Wombat has written it, to compare that of the server with.</summary>
    public string Expected => In("expected");

    public string Log => In("log");

    public string Socket => PostgresSocketFolder.For(path);

    /// <summary>The certificate of the server with its key.</summary>
    public string ServerCertificate => In("server.pem");

    public string Archives => In("archive");

    public string Backups => In("backups");

    public string ArchiveScript => In("archive.sh");

    public string RestoreScript => In("restore.sh");

    public string CredentialsFile => In("credentials.json");

    private string MetadataFile => In("instance.json");

    public bool HasData => File.Exists(System.IO.Path.Combine(Data, "PG_VERSION"));

    public bool Exists => File.Exists(MetadataFile);

    public void Create()
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, Mode);
    }

    /// <summary>The metadata; null when there is no database in the folder.</summary>
    /// <exception cref="IOException">The file cannot be read or was damaged.</exception>
    public Instance? Read() => Read<Instance>(MetadataFile);

    public void Write(Instance instance) => SecretFile.Write(MetadataFile, JsonSerializer.Serialize(instance, Json));

    public StoredCredentials ReadCredentials() => Read<StoredCredentials>(CredentialsFile) ?? new StoredCredentials();

    public void Write(StoredCredentials credentials) => SecretFile.Write(CredentialsFile, JsonSerializer.Serialize(credentials, Json));

    /// <summary>Changes the stored metadata as they are now; a backup and the supervision may work at the same time.</summary>
    /// <param name="instance">The metadata if none are stored.</param>
    public Instance Update(Instance instance, Func<Instance, Instance> change)
    {
        lock (Gates.GetOrAdd(path, _ => new Lock()))
        {
            var changed = change(Read() ?? instance);
            Write(changed);
            return changed;
        }
    }

    public string In(string name) => System.IO.Path.Combine(path, name);

    public string ArchiveOf(Instance instance) => System.IO.Path.Combine(Archives, instance.ArchiveName);

    private static T? Read<T>(string file)
        where T : class
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<T>(File.ReadAllText(file), Json) : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new IOException($"{file} is damaged: {e.Message}", e);
        }
    }
}
