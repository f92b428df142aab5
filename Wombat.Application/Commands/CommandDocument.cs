using System.Text.Json;
using Wombat.Application.Common;
using Wombat.Domain.Commands;
using Wombat.Domain.Members;

namespace Wombat.Application.Commands;

/// <summary>The document of commands that lives in git: its form, and what differs between two states of a command.</summary>
internal static class CommandDocument
{
    public const int Version = 1;
    public const int CommandsMax = 500;

    private const string Name = "name";
    private static readonly CommandSpec Usual = new();

    public static string Write(IReadOnlyList<YamlValue> commands) =>
        YamlWriter.Write(
            YamlValue.OfFields([
                KeyValuePair.Create("version", YamlValue.Word("1")),
                KeyValuePair.Create("commands", YamlValue.OfItems(commands)),
            ])
        );

    /// <summary>A command as the document has it: names instead of ids, in a fixed order, without what has its default.</summary>
    public static YamlValue Describe(string name, CommandSpec spec, CommandReferences references) =>
        new YamlFieldList()
            .Text(Name, name)
            .Word<CommandKind>("kind", spec.Kind, null)
            .Text("description", spec.Description.Length == 0 ? null : spec.Description)
            .Text("workspace", spec.WorkspaceId is { } workspace ? references.WorkspaceName(workspace) : null)
            .Text("target", spec.Target)
            .Texts("hosts", [.. spec.HostIds.Select(references.HostName)])
            .Texts("host_labels", spec.HostLabels)
            .Word<int>("host_parallelism", spec.HostParallelism, Usual.HostParallelism)
            .Word<bool>("stop_at_first_failure", spec.StopAtFirstFailure, Usual.StopAtFirstFailure)
            .Texts("arguments", spec.Arguments)
            .Objects("parameters", [.. spec.Parameters.Select(Describe)])
            .Map("environment", spec.Environment)
            .Word<int>("timeout_seconds", spec.TimeoutSeconds, Usual.TimeoutSeconds)
            .Word<RunConcurrency>("concurrency", spec.Concurrency, Usual.Concurrency)
            .Word<ProjectRole>("run_by", spec.RunBy, Usual.RunBy)
            .Word("approval_by", spec.ApprovalBy, Usual.ApprovalBy)
            .Word<int>("approval_seconds", spec.ApprovalSeconds, Usual.ApprovalSeconds)
            .Word<bool>("repeatable", spec.Repeatable, Usual.Repeatable)
            .Value;

    /// <summary>What changes from one state of a command to the other, as <see cref="Describe(string, CommandSpec, CommandReferences)"/>
    /// tells them.</summary>
    /// <param name="from">Null for a new command.</param>
    public static IReadOnlyList<CommandFieldChangeDto> Compare(YamlValue? from, YamlValue to)
    {
        var (before, after) = (Flatten(from), Flatten(to));
        return
        [
            .. after
                .Keys.Union(before.Keys, StringComparer.Ordinal)
                .Select(path => new CommandFieldChangeDto(path, before.GetValueOrDefault(path), after.GetValueOrDefault(path)))
                .Where(change => change.From != change.To),
        ];
    }

    private static YamlValue Describe(CommandParameter parameter) =>
        new YamlFieldList()
            .Text(Name, parameter.Name)
            .Word<ParameterType>("type", parameter.Type, ParameterType.String)
            .Word("kind", parameter.Kind, null)
            .Text("description", parameter.Description.Length == 0 ? null : parameter.Description)
            .Word<bool>("required", parameter.Required, usual: false)
            .Text("default", parameter.Default)
            .Text("pattern", parameter.Pattern)
            .Word("min", parameter.Min, null)
            .Word("max", parameter.Max, null)
            .Texts("values", parameter.Values)
            .Value;

    private static Dictionary<string, string> Flatten(YamlValue? command)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in command?.Fields ?? [])
        {
            Flatten(name, value, texts);
        }

        return texts;
    }

    // Objects of a list are told by their names, so that one that is added does not change those behind it.
    private static void Flatten(string path, YamlValue value, Dictionary<string, string> texts)
    {
        if (value.Fields is { } fields)
        {
            foreach (var (name, field) in fields)
            {
                Flatten($"{path}.{name}", field, texts);
            }
        }
        else if (value.Items is { } items)
        {
            texts[path] = JsonSerializer.Serialize(items.Select(i => i.Text ?? NameOf(i)), WombatJson.Options);
            foreach (var item in items.Where(i => i.Fields is not null))
            {
                Flatten($"{path}.{NameOf(item)}", YamlValue.OfFields([.. item.Fields!.Where(f => f.Key != Name)]), texts);
            }
        }
        else
        {
            texts[path] = value.Text!;
        }
    }

    private static string NameOf(YamlValue item) => item.Fields!.First(f => f.Key == Name).Value.Text!;
}
