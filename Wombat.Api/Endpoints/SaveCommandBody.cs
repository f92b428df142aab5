using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Domain.Members;
using CommandEntity = Wombat.Domain.Commands.Command;

namespace Wombat.Api.Endpoints;

/// <summary>What a command executes, with what, and who may run it; a field that is absent gets its default.</summary>
internal class SaveCommandBody
{
    /// <summary>Unique among the commands of its project.</summary>
    /// <example>deploy</example>
    [Required]
    [StringLength(CommandEntity.NameMax, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>
    /// What it executes: a target of the Makefile of a workspace, a program on a machine of Wombat, which only an admin may choose, or a
    /// program on hosts.
    /// </summary>
    [Required]
    public CommandKind? Kind { get; init; }

    /// <summary>For whom and for what the command is.</summary>
    [StringLength(CommandSpec.DescriptionMax)]
    public string? Description { get; init; }

    /// <summary>
    /// The workspace whose Makefile has the target, or in whose directory the program runs. A program without one runs in an empty
    /// folder that is removed afterwards.
    /// </summary>
    public Guid? WorkspaceId { get; init; }

    /// <summary>The target; for commands of kind make.</summary>
    /// <example>deploy</example>
    public string? Target { get; init; }

    /// <summary>The hosts of which each run chooses one or several; for commands of kind ssh.</summary>
    [MaxLength(CommandSpec.HostsMax)]
    public Guid[]? HostIds { get; init; }

    /// <summary>
    /// Adds all hosts of its project that have all of these labels, as they are when a run is requested; for commands of kind ssh.
    /// </summary>
    /// <example>["web", "env=prod"]</example>
    [MaxLength(SshHost.LabelsMax)]
    public string[]? HostLabels { get; init; }

    /// <summary>On how many hosts a run executes at the same time.</summary>
    [DefaultValue(CommandSpec.HostParallelismDefault)]
    [Range(1, CommandSpec.HostParallelismMax)]
    public int? HostParallelism { get; init; }

    /// <summary>Whether a run starts on no further host after it has not succeeded on one.</summary>
    [DefaultValue(false)]
    public bool? StopAtFirstFailure { get; init; }

    /// <summary>
    /// The program and its arguments; for local commands and those of kind ssh. No shell reads them. <c>{{name}}</c> is replaced by the
    /// value of the parameter and stays one argument.
    /// </summary>
    /// <example>["/usr/bin/systemctl", "status", "{{UNIT}}"]</example>
    [MaxLength(CommandSpec.ArgumentsMax)]
    public string[]? Arguments { get; init; }

    /// <summary>The values that each run may set.</summary>
    [MaxLength(CommandSpec.ParametersMax)]
    public CommandParameterBody[]? Parameters { get; init; }

    /// <summary>Environment variables with fixed values, which everybody who can see the command can read.</summary>
    public Dictionary<string, string>? Environment { get; init; }

    /// <summary>The time after which a run is ended, in seconds.</summary>
    [DefaultValue(CommandSpec.TimeoutSecondsDefault)]
    [Range(1, CommandSpec.TimeoutSecondsMax)]
    public int? TimeoutSeconds { get; init; }

    /// <summary>What happens to a run while an earlier one has not ended.</summary>
    public RunConcurrency? Concurrency { get; init; }

    /// <summary>The least role in the project that may run it: developer, or project_manager.</summary>
    public ProjectRole? RunBy { get; init; }

    /// <summary>
    /// The least role in the project of the second person who has to approve each run: developer, or project_manager. None when absent.
    /// </summary>
    public ProjectRole? ApprovalBy { get; init; }

    /// <summary>The time after which a run that nobody has approved is rejected by itself, in seconds.</summary>
    [DefaultValue(CommandSpec.ApprovalSecondsDefault)]
    [Range(1, CommandSpec.ApprovalSecondsMax)]
    public int? ApprovalSeconds { get; init; }

    /// <summary>
    /// Whether a run may be repeated by itself after its worker was lost: it must do no harm twice. Otherwise it ends as interrupted.
    /// </summary>
    [DefaultValue(false)]
    public bool? Repeatable { get; init; }

    internal CommandSpec ToSpec()
    {
        EnsureNoNulls();
        var usual = new CommandSpec();
        return new CommandSpec
        {
            Kind = Kind ?? throw Incomplete(),
            Description = Description ?? "",
            WorkspaceId = WorkspaceId,
            Target = Target,
            HostIds = HostIds ?? [],
            HostLabels = HostLabels ?? [],
            HostParallelism = HostParallelism ?? usual.HostParallelism,
            StopAtFirstFailure = StopAtFirstFailure ?? usual.StopAtFirstFailure,
            Arguments = Arguments ?? [],
            Parameters = [.. (Parameters ?? []).Select(p => p.ToParameter())],
            Environment = Environment ?? usual.Environment,
            TimeoutSeconds = TimeoutSeconds ?? usual.TimeoutSeconds,
            Concurrency = Concurrency ?? usual.Concurrency,
            RunBy = RunBy ?? usual.RunBy,
            ApprovalBy = ApprovalBy,
            ApprovalSeconds = ApprovalSeconds ?? usual.ApprovalSeconds,
            Repeatable = Repeatable ?? usual.Repeatable,
        };
    }

    // JSON allows null as an element or a value, whatever the type says.
    private void EnsureNoNulls()
    {
        var found = new (string Field, bool HasNull)[]
        {
            ("host_labels", Array.Exists(HostLabels ?? [], l => l is null)),
            ("arguments", Array.Exists(Arguments ?? [], a => a is null)),
            ("parameters", Array.Exists(Parameters ?? [], p => p is null || Array.Exists(p.Values ?? [], v => v is null))),
            ("environment", (Environment ?? []).Values.Any(v => v is null)),
        }.Where(f => f.HasNull);
        if (found.ToDictionary(f => f.Field, _ => new[] { "must not contain null" }, StringComparer.Ordinal) is { Count: > 0 } errors)
        {
            throw new InvalidInputException(errors);
        }
    }

    // Without a kind there is no message, so its validator cannot report the other field.
    private InvalidInputException Incomplete() =>
        new(
            new (string Field, string? Value)[] { ("name", Name), ("kind", null) }
                .Where(f => f.Value is null)
                .ToDictionary(f => f.Field, _ => new[] { "is required" }, StringComparer.Ordinal)
        );
}
