using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Application.Containers;
using Wombat.Application.Resources;
using Wombat.Domain.Containers;
using Container = Wombat.Domain.Containers.Container;

namespace Wombat.Api.Endpoints;

/// <summary>A container to create.</summary>
internal sealed class CreateContainerBody
{
    /// <summary>One of the templates that GET /templates lists.</summary>
    /// <example>busybox</example>
    [Required]
    [StringLength(Container.TemplateMax, MinimumLength = 1)]
    [RegularExpression(Container.TemplatePattern)]
    public string? Template { get; init; }

    /// <summary>Unique in the project; generated from the template when absent.</summary>
    /// <example>web</example>
    [StringLength(Container.NameMax, MinimumLength = 1)]
    [RegularExpression(Container.NamePattern)]
    public string? Name { get; init; }

    /// <summary>One of the sizes that GET /sizes lists; cpu, memory and disk replace its values.</summary>
    /// <example>small</example>
    [StringLength(Container.NameMax, MinimumLength = 1)]
    [RegularExpression(Container.NamePattern)]
    public string? Size { get; init; }

    /// <summary>Number of cores; the plugin decides when absent.</summary>
    /// <example>1</example>
    [Range(Container.CpuMin, Container.CpuMax)]
    public int? Cpu { get; init; }

    /// <summary>Memory in MiB; the plugin decides when absent.</summary>
    /// <example>64</example>
    [Range(Container.MemoryMinMiB, Container.MemoryMaxMiB)]
    public int? Memory { get; init; }

    /// <summary>Disk in GiB; the plugin decides when absent.</summary>
    [Range(Container.DiskMinGiB, Container.DiskMaxGiB)]
    public int? Disk { get; init; }

    /// <summary>
    /// The node of the cluster on which it is created, for Proxmox VE; when absent, that of the template's container if it is a copy,
    /// otherwise the one with the most free memory.
    /// </summary>
    /// <example>pve1</example>
    [StringLength(Container.NodeMax, MinimumLength = 1)]
    [RegularExpression(Container.NodePattern)]
    public string? Node { get; init; }

    /// <summary>Public keys in OpenSSH's one-line form, beside the keys of the project's managers and developers.</summary>
    [DefaultValue(new string[0])]
    [MaxLength(Container.SshKeysMax)]
    public string[]? SshKeys { get; init; }

    /// <summary>
    /// Environment variables of the programs in it: its services, sessions by SSH, consoles and commands. Values are not shown again.
    /// </summary>
    public Dictionary<string, string?>? Environment { get; init; }

    /// <summary>A script, beginning with #!, that runs as root once at the first start. It is not shown again.</summary>
    [StringLength(Container.UserDataMaxBytes)]
    public string? UserData { get; init; }

    /// <summary>Ports of the container that are published on its host.</summary>
    [MaxLength(Container.PortsMax)]
    public PortBody[]? Ports { get; init; }

    /// <summary>Whether Wombat starts it again after a restart of its machine, if it ran before. For local containers.</summary>
    [DefaultValue(true)]
    public bool? StartOnBoot { get; init; }

    /// <summary>The plugin instance that provides it; the default one when absent.</summary>
    /// <example>proxmox</example>
    [StringLength(63, MinimumLength = 1)]
    public string? Plugin { get; init; }

    /// <summary>When it is deleted; never when absent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    internal CreateResource<ContainerSpec, AcceptedContainer> ToRequest(Guid project) =>
        new(
            project,
            Name,
            new ContainerSpec(Template!, Cpu, Memory, Disk)
            {
                Size = Size,
                Node = Node,
                StartOnBoot = StartOnBoot,
                SshKeys = SshKeys ?? [],
                Environment = Environment ?? new Dictionary<string, string?>(StringComparer.Ordinal),
                UserData = UserData,
                Ports = PortBody.ToMappings(Ports ?? []),
            },
            Plugin,
            ExpiresAt
        );
}
