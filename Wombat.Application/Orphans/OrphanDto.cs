using Wombat.Domain.Containers;
using Wombat.Domain.Orphans;
using Wombat.Domain.Resources;

namespace Wombat.Application.Orphans;

/// <summary>A container that a plugin has and that no entry of Wombat manages.</summary>
public sealed class OrphanDto
{
    public Guid Id { get; init; }

    /// <summary>The plugin instance that has it.</summary>
    public string Plugin { get; init; } = "";

    /// <summary>The host that has it; null when its plugin is not bound to a host.</summary>
    public string? HostName { get; init; }

    /// <summary>What it is: always container.</summary>
    /// <example>container</example>
    public string Kind { get; init; } = Container.KindName;

    /// <summary>Its name in the outside system.</summary>
    public string Name { get; init; } = "";

    /// <summary>The plugin's id for it.</summary>
    public string ExternalId { get; init; } = "";

    /// <summary>The mark that Wombat put on it.</summary>
    public string ExternalKey { get; init; } = "";

    /// <summary>The id of the container that it was, which it has again when it is adopted.</summary>
    public Guid ResourceId { get; init; }

    /// <summary>The project of the deleted container that it was; null when Wombat has no entry of that.</summary>
    public Guid? ProjectId { get; init; }

    /// <summary>running, stopped, error or unknown, as the plugin last listed it.</summary>
    public ResourceStatus Status { get; init; }

    /// <summary>The template from which it was created; null when the plugin does not tell it.</summary>
    public string? Template { get; init; }

    /// <summary>Number of cores; null when the plugin does not tell a limit.</summary>
    public int? Cpu { get; init; }

    /// <summary>Memory in MiB; null when the plugin does not tell a limit.</summary>
    public int? Memory { get; init; }

    /// <summary>Disk in GiB; null when the plugin does not tell a limit.</summary>
    public int? Disk { get; init; }

    /// <summary>The unix_name of the project whose network it is in; null for none. Only that project can adopt it.</summary>
    public string? Network { get; init; }

    public DateTimeOffset FirstSeenAt { get; init; }

    /// <summary>When the plugin last listed it. An old time means that the plugin or the host does not answer.</summary>
    public DateTimeOffset LastSeenAt { get; init; }

    /// <summary>The last job that was to delete it; null if there was none.</summary>
    public Guid? RemovalJobId { get; init; }

    internal static OrphanDto Of(Orphan orphan, Guid? project) =>
        new()
        {
            Id = orphan.Id,
            Plugin = orphan.Plugin,
            HostName = orphan.HostName,
            Name = orphan.Name,
            ExternalId = orphan.ExternalId,
            ExternalKey = orphan.ExternalKey,
            ResourceId = orphan.ResourceId,
            ProjectId = project,
            Status = orphan.Status,
            Template = orphan.Spec.Template.Length > 0 ? orphan.Spec.Template : null,
            Cpu = orphan.Spec.Cpu,
            Memory = orphan.Spec.Memory,
            Disk = orphan.Spec.Disk,
            Network = orphan.Spec.Network,
            FirstSeenAt = orphan.FirstSeenAt,
            LastSeenAt = orphan.LastSeenAt,
            RemovalJobId = orphan.RemovalId,
        };
}
