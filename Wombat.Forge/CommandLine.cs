using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Wombat.Forge.Inside;

namespace Wombat.Forge;

/// <summary>The commands of forge. Each prints one JSON document, except exec and console.</summary>
internal static partial class CommandLine
{
    private const int MaxKeyFileBytes = 1024 * 1024;

    internal static readonly Option<string> Id = Text("--id", "Id of the container", IdForm(), required: true);
    internal static readonly Option<string> Key = Text(
        "--key",
        "The caller's key for the container; with another key it is not found",
        KeyForm()
    );
    private static readonly Option<string> Name = Text("--name", "Name of the container", NameForm(), required: true);
    private static readonly Option<string> Template = Text("--template", "Template to create from", TemplateForm(), required: true);
    private static readonly Option<string> OneTemplate = Text("--template", "Build the image of this template only", TemplateForm());
    private static readonly Option<int?> Cpu = Number("--cpu", "CPU cores", 1024);
    private static readonly Option<int?> Memory = Number("--memory", "Memory in MiB", 16 * 1024 * 1024);
    private static readonly Option<int?> Disk = Number("--disk", "Disk in GiB", 1024 * 1024);
    private static readonly Option<string> Network = Text(
        "--network",
        "Network whose containers reach each other, such as the project's name (only lxc)",
        NetworkForm()
    );
    private static readonly Option<string> Hostname = Text("--hostname", "Host name in the network; the name if missing", NameForm());
    private static readonly Option<string> NewHostname = Text("--hostname", "The new host name", NameForm(), required: true);
    private static readonly Option<string> From = Text(
        "--from",
        "Id of a container of which a snapshot is copied instead of the template's image (only lxc)",
        IdForm()
    );
    private static readonly Option<string> FromKey = Text("--from-key", "The caller's key for the container of --from", KeyForm());
    private static readonly Option<string> Node = Text(
        "--node",
        "Node on which it is created; the one with the most free memory if missing (only pve)",
        NodeForm()
    );
    private static readonly Option<string[]> SshKeys = new("--ssh-key-file")
    {
        Description = "File of public SSH keys, one per line",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ReadKeys,
    };

    public static RootCommand Create()
    {
        var root = new RootCommand("Creates and manages containers of this machine (LXC) or of Proxmox VE. Configured by the environment.");
        Add(
            root,
            "create",
            "Create a container",
            async (b, p, c) => (await b.CreateAsync(Request(p), c)).ToJson(),
            Name,
            Template,
            Cpu,
            Memory,
            Disk,
            SshKeys,
            Key,
            Network,
            Hostname,
            CreationFiles.Environment,
            CreationFiles.UserData,
            From,
            FromKey,
            SnapshotCommands.Source,
            Node
        );
        Add(
            root,
            "list",
            "List all containers that have a key",
            async (b, _, c) => new JsonArray([.. (await b.ListAsync(c)).Select(g => g.ToJson())])
        );
        Add(root, "status", "Show a container", async (b, p, c) => (await b.StatusAsync(IdOf(p), p.GetValue(Key), c)).ToJson(), Id, Key);
        Add(root, "start", "Start a container", async (b, p, c) => (await b.StartAsync(IdOf(p), p.GetValue(Key), c)).ToJson(), Id, Key);
        Add(root, "stop", "Stop a container", async (b, p, c) => (await b.StopAsync(IdOf(p), p.GetValue(Key), c)).ToJson(), Id, Key);
        Add(
            root,
            "restart",
            "Restart a container",
            async (b, p, c) => (await b.RestartAsync(IdOf(p), p.GetValue(Key), c)).ToJson(),
            Id,
            Key
        );
        Add(
            root,
            "resize",
            "Change the size of a container; the disk can only grow",
            async (b, p, c) => (await b.ResizeAsync(IdOf(p), p.GetValue(Key), SizeOf(p), c)).ToJson(),
            Id,
            Key,
            Cpu,
            Memory,
            Disk
        );
        Add(
            root,
            "rebuild",
            "Replace the root file system of a container by a new one of its template",
            async (b, p, c) => (await b.RebuildAsync(IdOf(p), p.GetValue(Key), p.GetValue(SnapshotCommands.Request), c)).ToJson(),
            Id,
            Key,
            SnapshotCommands.Request
        );
        Add(
            root,
            "rename",
            "Give a container another host name",
            async (b, p, c) => (await b.RenameAsync(IdOf(p), p.GetValue(Key), p.GetRequiredValue(NewHostname), c)).ToJson(),
            Id,
            Key,
            NewHostname
        );
        Add(root, "delete", "Delete a container", DeleteAsync, Id, Key);
        Add(
            root,
            "keys",
            "Replace the SSH keys of a running container",
            async (b, p, c) => (await b.SetKeysAsync(IdOf(p), p.GetValue(Key), p.GetValue(SshKeys) ?? [], c)).ToJson(),
            Id,
            Key,
            SshKeys
        );
        Add(
            root,
            "logs",
            "Show the last lines of a container's log",
            async (b, p, c) =>
                new JsonObject
                {
                    ["id"] = IdOf(p),
                    ["lines"] = new JsonArray([.. (await b.LogsAsync(IdOf(p), c)).Select(l => JsonValue.Create(l))]),
                },
            Id
        );
        Add(
            root,
            "templates",
            "List the templates",
            async (b, _, c) => new JsonArray([.. (await b.TemplatesAsync(c)).Select(t => t.ToJson())])
        );
        Add(
            root,
            "usage",
            "Show what the running containers use",
            async (b, _, c) => new JsonArray([.. (await b.MeasureAsync(c)).Select(u => u.ToJson())])
        );
        root.Add(SnapshotCommands.Create());
        root.Add(InsideCommands.Exec());
        root.Add(InsideCommands.Console());
        Add(
            root,
            "images",
            "Build the images that are not cached, so that the first container does not wait",
            async (b, p, c) => new JsonArray([.. (await b.BuildImagesAsync(p.GetValue(OneTemplate), c)).Select(t => t.ToJson())]),
            OneTemplate
        );
        Add(root, "health", "Check the back end", HealthAsync);
        var network = new Command("network", "Manages the networks of this machine");
        Add(
            network,
            "down",
            "Remove the bridges and packet filter of the data folder; the next start of a container restores them",
            async (b, _, c) => new JsonObject { ["networks"] = await b.RemoveNetworksAsync(c) }
        );
        root.Add(network);
        return root;
    }

    internal static void Add(
        Command root,
        string name,
        string summary,
        Func<IBackend, ParseResult, CancellationToken, Task<JsonNode>> run,
        params Option[] options
    )
    {
        var command = new Command(name, summary);
        Array.ForEach(options, command.Options.Add);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var answer = await run(Backends.Create(), parsed, cancel);
                await parsed.InvocationConfiguration.Output.WriteLineAsync(answer.ToJsonString());
                return (int)ExitCode.Ok;
            }
        );
        root.Add(command);
    }

    private static async Task<JsonNode> DeleteAsync(IBackend backend, ParseResult parsed, CancellationToken cancel)
    {
        await backend.DeleteAsync(IdOf(parsed), parsed.GetValue(Key), cancel);
        return new JsonObject { ["id"] = IdOf(parsed), ["status"] = "deleted" };
    }

    private static async Task<JsonNode> HealthAsync(IBackend backend, ParseResult parsed, CancellationToken cancel)
    {
        try
        {
            return new JsonObject { ["healthy"] = true, ["message"] = await backend.HealthAsync(cancel) };
        }
        catch (ForgeException e)
        {
            return new JsonObject { ["healthy"] = false, ["message"] = e.Message };
        }
    }

    private static string IdOf(ParseResult parsed) => parsed.GetRequiredValue(Id);

    private static GuestSize SizeOf(ParseResult p) => new(p.GetValue(Cpu), p.GetValue(Memory), p.GetValue(Disk));

    private static CreateRequest Request(ParseResult p) =>
        new(
            p.GetRequiredValue(Name),
            p.GetRequiredValue(Template),
            p.GetValue(Key),
            p.GetValue(Cpu),
            p.GetValue(Memory),
            p.GetValue(Disk),
            p.GetValue(SshKeys) ?? [],
            p.GetValue(Network),
            p.GetValue(Hostname),
            p.GetValue(Node)
        )
        {
            Environment = p.GetValue(CreationFiles.Environment) ?? new Dictionary<string, string>(StringComparer.Ordinal),
            UserData = p.GetValue(CreationFiles.UserData),
            Source = (p.GetValue(From), p.GetValue(SnapshotCommands.Source)) switch
            {
                (null, null) => null,
                ({ } from, { } snapshot) => new CloneSource(from, p.GetValue(FromKey), snapshot),
                _ => throw new ForgeException(ExitCode.Usage, "--from and --snapshot: must be given together"),
            },
        };

    internal static Option<string> Text(string name, string description, Regex form, bool required = false)
    {
        var option = new Option<string>(name) { Description = description, Required = required };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var value }] && !form.IsMatch(value))
            {
                result.AddError($"{name}: '{value}' is not of the form {form}");
            }
        });
        return option;
    }

    internal static Option<int?> Number(string name, string description, int max, int min = 1) =>
        new(name)
        {
            Description = description,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result =>
            {
                if (
                    int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    && number >= min
                    && number <= max
                )
                {
                    return number;
                }

                result.AddError($"{name}: must be a whole number from {min} to {max}");
                return null;
            },
        };

    private static string[] ReadKeys(ArgumentResult result)
    {
        try
        {
            var file = new FileInfo(result.Tokens[0].Value);
            if (file.Length <= MaxKeyFileBytes)
            {
                return [.. File.ReadLines(file.FullName).Select(l => l.Trim()).Where(l => l.Length > 0 && !l.StartsWith('#'))];
            }

            result.AddError("--ssh-key-file: is too large");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            result.AddError($"--ssh-key-file: cannot be read: {e.Message}");
        }

        return [];
    }

    [GeneratedRegex(@"^[a-z][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameForm();

    [GeneratedRegex(
        @"^(?=.{1,100}\z)[a-z][a-z0-9]*(-[a-z0-9]+)*\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    internal static partial Regex NetworkForm();

    [GeneratedRegex(
        @"^(?=.{1,63}\z)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    internal static partial Regex NodeForm();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TemplateForm();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex IdForm();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KeyForm();
}
