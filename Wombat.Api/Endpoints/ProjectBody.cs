using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Projects;

namespace Wombat.Api.Endpoints;

/// <summary>The fields of a project.</summary>
internal abstract class ProjectBody
{
    /// <summary>The name that people read; need not be unique.</summary>
    /// <example>Web shop</example>
    [Required]
    [StringLength(Project.NameMax, MinimumLength = Project.NameMin)]
    public string? Name { get; init; }

    /// <summary>What the project is for.</summary>
    /// <example>Everything behind shop.example.org.</example>
    [DefaultValue("")]
    [StringLength(Project.DescriptionMax)]
    public string? Description { get; init; }

    /// <summary>An inactive project accepts no new containers.</summary>
    [DefaultValue(true)]
    public bool? Active { get; init; }

    /// <summary>Who can read the project.</summary>
    [DefaultValue(Domain.Projects.Visibility.Private)]
    public Visibility? Visibility { get; init; }

    /// <summary>Labels of lower-case letters, digits and . _ : / - to find the project by.</summary>
    [DefaultValue(new string[0])]
    [MaxLength(Project.TagsMax)]
    [Items(Project.TagPattern, MaxLength = Project.TagMax)]
    public string[]? Tags { get; init; }

    /// <summary>
    /// The days for which ended jobs, among them runs of commands, are kept with their logs; null for as long as those of all projects.
    /// </summary>
    /// <example>90</example>
    [Range(1, Project.JobRetentionDaysMax)]
    public int? JobRetentionDays { get; init; }

    /// <summary>
    /// The MiB that the logs of ended jobs may take in the database. Above them those that ended first are deleted; the last one stays.
    /// Null for no limit.
    /// </summary>
    /// <example>2048</example>
    [Range(1, Project.JobLogsMibMax)]
    public int? JobLogsMaxMib { get; init; }

    internal ProjectDetails Details =>
        new(
            Description ?? "",
            Active ?? true,
            Visibility ?? Domain.Projects.Visibility.Private,
            Tags ?? [],
            JobRetentionDays,
            JobLogsMaxMib
        );
}
