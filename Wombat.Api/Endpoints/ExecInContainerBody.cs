using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Application.Containers;

namespace Wombat.Api.Endpoints;

/// <summary>A command to run in a container.</summary>
internal sealed class ExecInContainerBody
{
    /// <summary>The program and its arguments, which reach it unchanged. They are recorded: they must not contain secrets.</summary>
    /// <example>["uname", "-a"]</example>
    [Required]
    [MinLength(1)]
    [MaxLength(ExecuteCommand.ArgumentsMax)]
    public string[]? Command { get; init; }

    /// <summary>The time in seconds after which the command is ended.</summary>
    [DefaultValue(ExecuteCommand.TimeoutSecondsDefault)]
    [Range(ExecuteCommand.TimeoutSecondsMin, ExecuteCommand.TimeoutSecondsMax)]
    public int? TimeoutSeconds { get; init; }

    /// <summary>The numeric id of the user, and of the group, inside the container; root is 0.</summary>
    [DefaultValue(0)]
    [Range(0, ExecuteCommand.UserMax)]
    public int? User { get; init; }

    internal ExecuteCommand ToCommand() => new(Command, TimeoutSeconds ?? ExecuteCommand.TimeoutSecondsDefault, User ?? 0);
}
