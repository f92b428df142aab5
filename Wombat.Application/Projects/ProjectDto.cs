using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using AutoMapper;
using Wombat.Application.Common;
using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

/// <summary>A project as the API shows it.</summary>
public class ProjectDto : IVersioned
{
    public Guid Id { get; init; }

    public string Name { get; init; } = "";

    public string UnixName { get; init; } = "";

    public string Description { get; init; } = "";

    public bool Active { get; init; }

    public Visibility Visibility { get; init; }

    public string[] Tags { get; init; } = [];

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Set while a delete with all that it holds is under way.</summary>
    public DateTimeOffset? DeletingSince { get; init; }

    /// <summary>Counts the changes; also the ETag.</summary>
    public int Version { get; init; }

    /// <summary>What the caller may do with it now.</summary>
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
