using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using AutoMapper;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

/// <summary>A project.</summary>
public class ProjectDto : IVersioned, IHasActions
{
    public Guid Id { get; init; }

    /// <summary>The name that people read.</summary>
    public string Name { get; init; } = "";

    /// <summary>Unique name of lower-case words joined by hyphens.</summary>
    public string UnixName { get; init; } = "";

    /// <summary>What the project is for.</summary>
    public string Description { get; init; } = "";

    /// <summary>Whether it accepts new containers.</summary>
    public bool Active { get; init; }

    /// <summary>Who can read it.</summary>
    public Visibility Visibility { get; init; }

    /// <summary>Labels to find it by.</summary>
    public string[] Tags { get; init; } = [];

    /// <summary>The days for which its ended jobs are kept with their logs; null for as long as those of all projects.</summary>
    public int? JobRetentionDays { get; init; }

    /// <summary>The MiB of stored logs of ended jobs above which those that ended first are deleted; null for no limit.</summary>
    public int? JobLogsMaxMib { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The start of its deletion; null if it is not being deleted.</summary>
    public DateTimeOffset? DeletingSince { get; init; }

    /// <summary>Counts the changes; an If-Match compares it.</summary>
    public int Version { get; init; }

    /// <summary>What the caller may do with it in its present state.</summary>
    [Required]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string[]? Actions { get; set; }
}

internal sealed class ProjectProfile : Profile
{
    public ProjectProfile()
    {
        CreateMap<Project, ProjectDto>().ForMember(d => d.Actions, o => o.Ignore());
        CreateMap<Project, AcceptedProject>().IncludeBase<Project, ProjectDto>().ForMember(d => d.JobId, o => o.Ignore());
    }
}
