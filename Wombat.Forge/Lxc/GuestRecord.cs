using System.Text.Json;
using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>What forge stores about a container: written before the container is created, deleted after it is removed.</summary>
internal sealed record GuestRecord(string Name, string? Key, string Template, bool Ready, string? Note)
{
    /// <summary>The network that was asked for; null for none.</summary>
    public string? Network { get; init; }

    /// <summary>Its host name in the network.</summary>
    public string? Hostname { get; init; }

    /// <summary>Why it has no network although one was asked for; null when it has it.</summary>
    public string? NetworkNote { get; init; }

    /// <summary>The slot of its id range; null for a privileged container, which an earlier version of forge created.</summary>
    public int? Slot { get; init; }

    /// <summary>The path of the folder of the containers under which lxc knows it; null for the folder in the data folder.</summary>
    public string? Path { get; init; }

    /// <summary>A snapshot, restore or rebuild that has begun and not ended.</summary>
    public PendingCopy? Pending { get; init; }

    /// <summary>The request of the last restore or rebuild; null for none.</summary>
    public string? Restored { get; init; }

    /// <summary>The boot of the machine in which forge started it last; null when forge has stopped it since.</summary>
    public string? Boot { get; init; }

    /// <summary>Whether it should run, but did not start after a restore or rebuild.</summary>
    public bool StartFailed { get; init; }

    public static GuestRecord? Read(string file)
    {
        try
        {
            var json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            return new GuestRecord(
                (string)json["name"]!,
                (string?)json["key"],
                (string)json["template"]!,
                (bool)json["ready"]!,
                (string?)json["note"]
            )
            {
                Network = (string?)json["network"],
                Hostname = (string?)json["hostname"],
                NetworkNote = (string?)json["network_note"],
                Slot = (int?)json["slot"],
                Path = (string?)json["path"],
                Pending = PendingCopy.From(json["pending"]),
                Restored = (string?)json["restored"],
                Boot = (string?)json["boot"],
                StartFailed = (bool?)json["start_failed"] ?? false,
            };
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new ForgeException(
                ExitCode.Failed,
                $"the record of {System.IO.Path.GetFileNameWithoutExtension(file)} is damaged; an administrator must repair or delete it",
                e
            );
        }
    }

    /// <summary>Writes the file atomically.</summary>
    public void Write(string file)
    {
        var json = new JsonObject
        {
            ["name"] = Name,
            ["key"] = Key,
            ["template"] = Template,
            ["ready"] = Ready,
            ["note"] = Note,
            ["network"] = Network,
            ["hostname"] = Hostname,
            ["network_note"] = NetworkNote,
            ["slot"] = Slot,
            ["path"] = Path,
            ["pending"] = Pending?.ToJson(),
            ["restored"] = Restored,
            ["boot"] = Boot,
            ["start_failed"] = StartFailed,
        };
        PrivateFiles.Replace(file, json.ToJsonString());
    }
}
