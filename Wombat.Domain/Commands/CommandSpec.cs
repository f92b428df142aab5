using Wombat.Domain.Members;

namespace Wombat.Domain.Commands;

/// <summary>What a command executes, with what, and who may run it.</summary>
public sealed record CommandSpec
{
    public const int DescriptionMax = 2000;
    public const int ArgumentsMax = 100;
    public const int ArgumentsBytesMax = 32 * 1024;
    public const int HostsMax = 200;
    public const int HostParallelismMax = 50;
    public const int HostParallelismDefault = 5;
    public const int ParametersMax = 50;
    public const int VariablesMax = 100;
    public const int TimeoutSecondsMax = 7 * 24 * 3600;
    public const int TimeoutSecondsDefault = 3600;
    public const int ApprovalSecondsMax = 30 * 24 * 3600;
    public const int ApprovalSecondsDefault = 24 * 3600;

    public CommandKind Kind { get; init; }

    public string Description { get; init; } = "";

    /// <summary>The workspace whose Makefile has the target, or in whose directory the program runs.</summary>
    public Guid? WorkspaceId { get; init; }

    /// <summary>The target; for commands of kind make.</summary>
    public string? Target { get; init; }

    /// <summary>The hosts of which each run chooses one or several; for commands of kind ssh.</summary>
    public IReadOnlyList<Guid> HostIds { get; init; } = [];

    /// <summary>Adds the hosts of its project that have all of these labels when a run is requested; empty for none.</summary>
    public IReadOnlyList<string> HostLabels { get; init; } = [];

    /// <summary>On how many hosts a run executes at the same time.</summary>
    public int HostParallelism { get; init; } = HostParallelismDefault;

    /// <summary>Whether a run starts on no further host after it has not succeeded on one.</summary>
    public bool StopAtFirstFailure { get; init; }

    /// <summary>The program and its arguments; for local commands and those of kind ssh. <c>{{name}}</c> is replaced by the parameter's
    /// value.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyList<CommandParameter> Parameters { get; init; } = [];

    /// <summary>Environment variables with fixed values. They hold no secrets: everybody who can see the command can read them.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The time after which a run is ended, in seconds.</summary>
    public int TimeoutSeconds { get; init; } = TimeoutSecondsDefault;

    public RunConcurrency Concurrency { get; init; }

    /// <summary>The least role in the project that may run it.</summary>
    public ProjectRole RunBy { get; init; } = ProjectRole.Developer;

    /// <summary>The least role in the project of the second person who has to approve each run; null for none.</summary>
    public ProjectRole? ApprovalBy { get; init; }

    /// <summary>The time after which a run that nobody has approved is rejected by itself, in seconds.</summary>
    public int ApprovalSeconds { get; init; } = ApprovalSecondsDefault;

    /// <summary>Whether a run may be repeated by itself after its worker was lost. Otherwise it ends as interrupted.</summary>
    public bool Repeatable { get; init; }
}
