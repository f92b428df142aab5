using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Application.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>A document of commands, and where it is imported.</summary>
internal class PlanCommandImportBody
{
    /// <summary>The project whose commands become as the document says; those of the platform, which are for admins, when absent.</summary>
    public Guid? ProjectId { get; init; }

    /// <summary>
    /// The commands in YAML, as an export writes them: at most 500, without anchors, aliases and tags. They name workspaces and hosts of
    /// the project.
    /// </summary>
    /// <example>{version: 1, commands: [{name: uptime, kind: local, arguments: [/usr/bin/uptime]}]}</example>
    [Required]
    [StringLength(CommandImportSource.DocumentMax, MinimumLength = 1)]
    public string? Document { get; init; }

    /// <summary>Whether commands of the project that the document does not have are deleted.</summary>
    [DefaultValue(false)]
    public bool? RemoveMissing { get; init; }

    internal CommandImportSource ToSource() => new(ProjectId, Document ?? "", RemoveMissing ?? false);
}
