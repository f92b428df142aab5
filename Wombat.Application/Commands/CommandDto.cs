using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using AutoMapper;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Commands;
using Wombat.Domain.Members;

namespace Wombat.Application.Commands;

/// <summary>A thing that members of a project may execute.</summary>
public sealed class CommandDto : IHasActions, IVersioned
{
    public Guid Id { get; init; }

    /// <summary>Unique among the commands of its project.</summary>
    /// <example>deploy</example>
    public string Name { get; init; } = "";

    /// <summary>The project; null for a command of the platform, which is for admins.</summary>
    public Guid? ProjectId { get; init; }

    public CommandKind Kind { get; init; }

    public string Description { get; init; } = "";

    /// <summary>The workspace whose Makefile has the target, or in whose directory the program runs.</summary>
    public Guid? WorkspaceId { get; init; }

    /// <summary>The target; for commands of kind make.</summary>
    public string? Target { get; init; }

    /// <summary>The hosts of which each run chooses one or several; for commands of kind ssh.</summary>
    public IReadOnlyList<Guid> HostIds { get; init; } = [];

    /// <summary>The hosts of its project with all of these labels may be chosen too; empty for none.</summary>
    public IReadOnlyList<string> HostLabels { get; init; } = [];

    /// <summary>On how many hosts a run executes at the same time.</summary>
    public int HostParallelism { get; init; }

    /// <summary>Whether a run starts on no further host after it has not succeeded on one.</summary>
    public bool StopAtFirstFailure { get; init; }

    /// <summary>The program and its arguments; for local commands and those of kind ssh.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The values that each run may set.</summary>
    public IReadOnlyList<CommandParameterDto> Parameters { get; init; } = [];

    /// <summary>Environment variables with fixed values.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The time after which a run is ended, in seconds.</summary>
    public int TimeoutSeconds { get; init; }

    /// <summary>What happens to a run while an earlier one has not ended.</summary>
    public RunConcurrency Concurrency { get; init; }

    /// <summary>The least role in the project that may run it.</summary>
    public ProjectRole RunBy { get; init; }

    /// <summary>The least role in the project of the second person who has to approve each run; null for none.</summary>
    public ProjectRole? ApprovalBy { get; init; }

    /// <summary>The time after which a run that nobody has approved is rejected by itself, in seconds.</summary>
    public int ApprovalSeconds { get; init; }

    /// <summary>Whether a run may be repeated by itself after its worker was lost.</summary>
    public bool Repeatable { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Counts the changes.</summary>
    public int Version { get; init; }

    /// <summary>What the caller may do with it.</summary>
    [Required]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string[]? Actions { get; set; }
}

internal sealed class CommandProfile : Profile
{
    public CommandProfile()
    {
        CreateMap<CommandParameter, CommandParameterDto>();
        CreateMap<CommandSpec, CommandDto>(MemberList.None);
        CreateMap<Command, CommandDto>(MemberList.None).IncludeMembers(c => c.Spec).ForMember(d => d.Actions, o => o.Ignore());
    }
}
