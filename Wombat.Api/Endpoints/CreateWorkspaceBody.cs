using System.ComponentModel.DataAnnotations;
using Wombat.Application.Commands;
using Wombat.Domain.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>A directory to register for commands.</summary>
internal sealed class CreateWorkspaceBody
{
    /// <summary>Unique among the workspaces of its project.</summary>
    /// <example>website</example>
    [Required]
    [StringLength(Workspace.NameMax, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>An absolute path on the machine that answers. The account that runs commands must be able to read it.</summary>
    /// <example>/srv/website</example>
    [Required]
    [StringLength(Workspace.PathMax, MinimumLength = 1)]
    public string? Path { get; init; }

    /// <summary>The project whose commands may use it; only commands of the platform when absent.</summary>
    public Guid? ProjectId { get; init; }

    internal CreateWorkspace ToRequest() => new(Name ?? "", ProjectId, Path ?? "");
}
