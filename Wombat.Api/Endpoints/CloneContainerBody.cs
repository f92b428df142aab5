using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Application.Containers;
using Wombat.Domain.Containers;
using Container = Wombat.Domain.Containers.Container;

namespace Wombat.Api.Endpoints;

/// <summary>A container to create from a snapshot of another.</summary>
internal sealed class CloneContainerBody
{
    /// <summary>Unique in the project; generated from the template when absent.</summary>
    /// <example>web-copy</example>
    [StringLength(Container.NameMax, MinimumLength = 1)]
    [RegularExpression(Container.NamePattern)]
    public string? Name { get; init; }

    /// <summary>One of the sizes that GET /sizes lists; the size of the other container when absent.</summary>
    /// <example>small</example>
    [StringLength(Container.NameMax, MinimumLength = 1)]
    [RegularExpression(Container.NamePattern)]
    public string? Size { get; init; }

    /// <summary>Number of cores; those of the other container when absent.</summary>
    /// <example>1</example>
    [Range(Container.CpuMin, Container.CpuMax)]
    public int? Cpu { get; init; }

    /// <summary>Memory in MiB; that of the other container when absent.</summary>
    /// <example>64</example>
    [Range(Container.MemoryMinMiB, Container.MemoryMaxMiB)]
    public int? Memory { get; init; }

    /// <summary>Disk in GiB; that of the other container when absent.</summary>
    [Range(Container.DiskMinGiB, Container.DiskMaxGiB)]
    public int? Disk { get; init; }

    /// <summary>Public keys in OpenSSH's one-line form, beside the keys of the project's managers and developers.</summary>
    [DefaultValue(new string[0])]
    [MaxLength(Container.SshKeysMax)]
    public string[]? SshKeys { get; init; }

    /// <summary>Ports of the container that are published on its host.</summary>
    [MaxLength(Container.PortsMax)]
    public PortBody[]? Ports { get; init; }

    /// <summary>Whether Wombat starts it again after a restart of its machine, if it ran before. For local containers.</summary>
    [DefaultValue(true)]
    public bool? StartOnBoot { get; init; }

    /// <summary>When it is deleted; never when absent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    internal CloneContainer ToRequest(Guid project, Guid container, string snapshot) =>
        new(
            project,
            container,
            snapshot,
            Name,
            new ContainerSpec("", Cpu, Memory, Disk)
            {
                Size = Size,
                StartOnBoot = StartOnBoot,
                SshKeys = SshKeys ?? [],
                Ports = PortBody.ToMappings(Ports ?? []),
            },
            ExpiresAt
        );
}
