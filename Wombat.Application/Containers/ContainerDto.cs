using AutoMapper;
using Wombat.Application.Resources;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>A container of a project.</summary>
public class ContainerDto : ResourceDto
{
    /// <summary>The template from which it was created; empty when it was adopted and its plugin does not tell it.</summary>
    public string Template { get; init; } = "";

    /// <summary>The named size that cpu, memory and disk come from; null when they were given one by one.</summary>
    /// <example>small</example>
    public string? Size { get; init; }

    /// <summary>Number of cores requested; null when the plugin decides.</summary>
    public int? Cpu { get; init; }

    /// <summary>Memory requested, in MiB; null when the plugin decides.</summary>
    public int? Memory { get; init; }

    /// <summary>Disk requested, in GiB; null when the plugin decides.</summary>
    public int? Disk { get; init; }

    /// <summary>The node of the cluster on which it is, for containers of Proxmox VE; until it is known, the requested one.</summary>
    /// <example>pve1</example>
    public string? Node { get; init; }

    /// <summary>Its IP address while it runs, if known. Reachable from the machine that it runs on and inside its project.</summary>
    /// <example>10.213.0.2</example>
    public string? IpAddress { get; init; }

    /// <summary>The command that opens a shell in it with a key of its project; null when it has no address or takes no keys.</summary>
    /// <example>ssh root@10.213.0.2</example>
    public string? Ssh { get; init; }

    /// <summary>Whether Wombat starts it again after a restart of its machine, if it ran before. For local containers.</summary>
    public bool StartOnBoot { get; init; }

    /// <summary>When snapshots of it are made; null for never.</summary>
    public SnapshotScheduleDto? SnapshotSchedule { get; init; }

    /// <summary>The names of the environment variables that it was created with. Their values are not shown.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Whether it was created with user data, which is not shown.</summary>
    public bool HasUserData { get; init; }

    /// <summary>The snapshot of which it is a copy; null when it was created from the image of its template.</summary>
    public ContainerOriginDto? Origin { get; init; }

    /// <summary>Its published ports.</summary>
    public IReadOnlyList<PublishedPortDto> Ports { get; init; } = [];
}

internal sealed class ContainerProfile : Profile
{
    public ContainerProfile()
    {
        CreateMap<Container, ContainerDto>()
            .ForMember(d => d.Template, o => o.MapFrom(c => c.Spec.Template))
            .ForMember(d => d.Size, o => o.MapFrom(c => c.Spec.Size))
            .ForMember(d => d.Cpu, o => o.MapFrom(c => c.Spec.Cpu))
            .ForMember(d => d.Memory, o => o.MapFrom(c => c.Spec.Memory))
            .ForMember(d => d.Disk, o => o.MapFrom(c => c.Spec.Disk))
            .ForMember(
                d => d.SnapshotSchedule,
                o =>
                    o.MapFrom(c =>
                        c.Spec.SnapshotSchedule == null
                            ? null
                            : new SnapshotScheduleDto(c.Spec.SnapshotSchedule.Cron, c.Spec.SnapshotSchedule.KeepDays)
                    )
            )
            .ForMember(d => d.Environment, o => o.MapFrom(c => c.Spec.Environment.Keys.Order(StringComparer.Ordinal)))
            .ForMember(d => d.HasUserData, o => o.MapFrom(c => c.Spec.HasUserData || c.Spec.UserData != null))
            .ForMember(
                d => d.Origin,
                o => o.MapFrom(c => c.Spec.Origin == null ? null : new ContainerOriginDto(c.Spec.Origin.SourceId, c.Spec.Origin.Snapshot))
            )
            .ForMember(d => d.StartOnBoot, o => o.MapFrom(c => c.StartsOnBoot))
            .ForMember(d => d.Ports, o => o.MapFrom(c => PublishedPortDto.Of(c)))
            .ForMember(d => d.ProjectName, o => o.Ignore())
            .ForMember(d => d.Actions, o => o.Ignore());
        CreateMap<Container, AcceptedContainer>().IncludeBase<Container, ContainerDto>().ForMember(d => d.JobId, o => o.Ignore());
    }
}
