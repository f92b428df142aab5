using System.Text.Json;
using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>What forge remembers of a container, beside it: written before anything is made, removed after all is gone.</summary>
internal sealed record GuestRecord(string Name, string? Key, string Template, bool Ready, string? Note)
{
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
            );
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
                $"the record of {Path.GetFileNameWithoutExtension(file)} is damaged; an administrator must look at it",
                e
            );
        }
    }

    /// <summary>Whole or not at all.</summary>
    public void Write(string file)
    {
        var json = new JsonObject
        {
            ["name"] = Name,
            ["key"] = Key,
            ["template"] = Template,
            ["ready"] = Ready,
            ["note"] = Note,
        };
        var draft = $"{file}.{Environment.ProcessId}.new";
        PrivateFiles.Write(draft, json.ToJsonString());
        File.Move(draft, file, overwrite: true);
    }
}
