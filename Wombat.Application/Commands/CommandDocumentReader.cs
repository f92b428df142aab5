using Wombat.Application.Common;
using Wombat.Domain.Commands;
using Wombat.Domain.Members;

namespace Wombat.Application.Commands;

/// <summary>Reads what <see cref="CommandDocument"/> writes. A field that is absent gets its default.</summary>
internal static class CommandDocumentReader
{
    private const string Required = "is required";
    private static readonly CommandSpec Usual = new();

    /// <summary>The commands of a document, as far as they can be read.</summary>
    public static IReadOnlyList<DocumentCommand> Read(YamlValue document, YamlErrors errors)
    {
        var root = new YamlFields(document, "", errors);
        if (!root.IsObject)
        {
            return [];
        }

        if (root.Integer("version") != CommandDocument.Version)
        {
            errors.Add("version", $"must be {CommandDocument.Version}");
        }

        if (!root.Has("commands"))
        {
            errors.Add("commands", Required);
        }

        var commands = root.Objects("commands");
        root.EnsureAllTaken();
        if (commands.Count <= CommandDocument.CommandsMax)
        {
            return [.. commands.Where(c => c.IsObject).Select(c => ReadCommand(c, errors))];
        }

        errors.Add("commands", $"must be at most {CommandDocument.CommandsMax}");
        return [];
    }

    private static DocumentCommand ReadCommand(YamlFields fields, YamlErrors errors)
    {
        var name = fields.Text("name") ?? Missing(fields, "name", errors);
        if (!fields.Has("kind"))
        {
            Missing(fields, "kind", errors);
        }

        var (workspace, hosts) = (fields.Text("workspace"), fields.Texts("hosts"));
        var spec = ReadSpec(fields, errors);
        fields.EnsureAllTaken();
        return new DocumentCommand(fields.Path, name, spec, workspace, hosts);
    }

    private static CommandSpec ReadSpec(YamlFields fields, YamlErrors errors) =>
        new()
        {
            Kind = fields.OneOf<CommandKind>("kind") ?? Usual.Kind,
            Description = fields.Text("description") ?? Usual.Description,
            Target = fields.Text("target"),
            HostLabels = fields.Texts("host_labels"),
            HostParallelism = Number(fields, "host_parallelism") ?? Usual.HostParallelism,
            StopAtFirstFailure = fields.Boolean("stop_at_first_failure") ?? Usual.StopAtFirstFailure,
            Arguments = fields.Texts("arguments"),
            Parameters = [.. fields.Objects("parameters").Where(p => p.IsObject).Select(p => ReadParameter(p, errors))],
            Environment = fields.Map("environment"),
            TimeoutSeconds = Number(fields, "timeout_seconds") ?? Usual.TimeoutSeconds,
            Concurrency = fields.OneOf<RunConcurrency>("concurrency") ?? Usual.Concurrency,
            RunBy = fields.OneOf<ProjectRole>("run_by") ?? Usual.RunBy,
            ApprovalBy = fields.OneOf<ProjectRole>("approval_by"),
            ApprovalSeconds = Number(fields, "approval_seconds") ?? Usual.ApprovalSeconds,
            Repeatable = fields.Boolean("repeatable") ?? Usual.Repeatable,
        };

    private static CommandParameter ReadParameter(YamlFields fields, YamlErrors errors)
    {
        var parameter = new CommandParameter
        {
            Name = fields.Text("name") ?? Missing(fields, "name", errors),
            Type = fields.OneOf<ParameterType>("type") ?? ParameterType.String,
            Kind = fields.OneOf<ParameterKind>("kind"),
            Description = fields.Text("description") ?? "",
            Required = fields.Boolean("required") ?? false,
            Default = fields.Text("default"),
            Pattern = fields.Text("pattern"),
            Min = fields.Integer("min"),
            Max = fields.Integer("max"),
            Values = fields.Texts("values"),
        };
        fields.EnsureAllTaken();
        return parameter;
    }

    private static int? Number(YamlFields fields, string name) => (int?)fields.Integer(name, int.MinValue, int.MaxValue);

    // An error that the place has already stays.
    private static string Missing(YamlFields fields, string name, YamlErrors errors)
    {
        errors.Add(fields.PathOf(name), Required);
        return "";
    }
}
