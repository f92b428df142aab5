using System.ComponentModel.DataAnnotations;
using Wombat.Application.Common;
using Wombat.Application.Projects;
using Wombat.Domain.Projects;

namespace Wombat.Api.Endpoints;

/// <summary>Changes to a project as a merge patch (RFC 7396): a field that is absent keeps its value, null sets the default.</summary>
internal sealed class PatchProjectBody
{
    /// <summary>The name that people read; must not be null.</summary>
    [StringLength(Project.NameMax, MinimumLength = Project.NameMin)]
    public Optional<string> Name { get; init; }

    /// <summary>Cannot be changed; may be sent as it is.</summary>
    public Optional<string> UnixName { get; init; }

    /// <summary>What the project is for.</summary>
    /// <example>Everything behind shop.example.org.</example>
    [StringLength(Project.DescriptionMax)]
    public Optional<string> Description { get; init; }

    /// <summary>An inactive project accepts no new containers.</summary>
    public Optional<bool?> Active { get; init; }

    /// <summary>Who can read the project.</summary>
    public Optional<Visibility?> Visibility { get; init; }

    /// <summary>All labels; replaces those that the project has.</summary>
    [MaxLength(Project.TagsMax)]
    public Optional<string[]> Tags { get; init; }

    /// <summary>The days for which ended jobs are kept with their logs; null for as long as those of all projects.</summary>
    [Range(1, Project.JobRetentionDaysMax)]
    public Optional<int?> JobRetentionDays { get; init; }

    /// <summary>The MiB that the logs of ended jobs may take; null for no limit.</summary>
    [Range(1, Project.JobLogsMibMax)]
    public Optional<int?> JobLogsMaxMib { get; init; }

    internal ProjectChanges ToChanges() => new(Name, Description, Active, Visibility, Tags, JobRetentionDays, JobLogsMaxMib);
}
