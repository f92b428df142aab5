using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using AutoMapper;
using Wombat.Application.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Resources;

namespace Wombat.Application.Containers;

/// <summary>A container as the API shows it.</summary>
public class ContainerDto : IVersioned
{
    public Guid Id { get; init; }

    public Guid ProjectId { get; init; }

    public string Name { get; init; } = "";

    public string Template { get; init; } = "";

    /// <summary>Cores asked for; null leaves it to the plugin.</summary>
    public int? Cpu { get; init; }

    /// <summary>MiB asked for.</summary>
    public int? Memory { get; init; }

    /// <summary>GiB asked for.</summary>
    public int? Disk { get; init; }

    public ResourceStatus Status { get; init; }

    /// <summary>Why the status is what it is, in words.</summary>
    public string? StatusReason { get; init; }

    public string Plugin { get; init; } = "";

    /// <summary>The plugin's own id.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The name that it bears outside.</summary>
    public string ExternalName { get; init; } = "";

    /// <summary>The host that has it, where its plugin is bound to a host; null elsewhere and before the first attempt to make it.</summary>
    public string? HostName { get; init; }

    public string? IpAddress { get; init; }

    /// <summary>When the plugin last said how it is.</summary>
    public DateTimeOffset? ObservedAt { get; init; }

    /// <summary>When the last attempt to delete it failed. Until it is seen again it can be forgotten.</summary>
    public DateTimeOffset? DeleteFailedAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public int Version { get; init; }

    /// <summary>What the caller may do with it now.</summary>
    [Required]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string[]? Actions { get; set; }
}

internal sealed class ContainerProfile : Profile
{
    public ContainerProfile()
    {
        CreateMap<Container, ContainerDto>()
            .ForMember(d => d.Cpu, o => o.MapFrom(c => c.Size.Cpu))
            .ForMember(d => d.Memory, o => o.MapFrom(c => c.Size.MemoryMiB))
            .ForMember(d => d.Disk, o => o.MapFrom(c => c.Size.DiskGiB))
            .ForMember(d => d.Actions, o => o.Ignore());
        CreateMap<Container, AcceptedContainer>().IncludeBase<Container, ContainerDto>().ForMember(d => d.JobId, o => o.Ignore());
    }
}
