using AutoMapper;
using Wombat.Application.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Tiers;

namespace Wombat.Application.Tiers;

/// <summary>What a tier promises for each of its databases.</summary>
public sealed class TierDto : IVersioned
{
    public string Name { get; init; } = "";

    /// <summary>For whom and for what the tier is.</summary>
    public string Description { get; init; } = "";

    /// <summary>The plugin instance that provides its databases; null for the default one.</summary>
    public string? Plugin { get; init; }

    /// <summary>The number of PostgreSQL servers: one primary, the others standbys.</summary>
    public int Instances { get; init; }

    /// <summary>Cores of each server.</summary>
    public double Cpu { get; init; }

    /// <summary>Memory of each server in MiB.</summary>
    public int Memory { get; init; }

    /// <summary>Disk of each server in MiB.</summary>
    public int Storage { get; init; }

    /// <summary>The storage class of the outside system; null for its default.</summary>
    public string? StorageClass { get; init; }

    /// <summary>The major version of PostgreSQL; null for the provider's default.</summary>
    public int? PostgresVersion { get; init; }

    /// <summary>How poolers assign server connections.</summary>
    public PoolMode PoolMode { get; init; }

    /// <summary>The number of connection poolers.</summary>
    public int PoolerInstances { get; init; }

    /// <summary>The number of client connections that a database accepts.</summary>
    public int MaxConnections { get; init; }

    /// <summary>When backups are made, as a cron expression in UTC; null for no backups.</summary>
    public string? BackupSchedule { get; init; }

    /// <summary>For how many days backups are kept.</summary>
    public int BackupRetentionDays { get; init; }

    /// <summary>When the newest backup is restored on trial, as a cron expression in UTC; null for never.</summary>
    public string? DrillSchedule { get; init; }

    /// <summary>What a deletion keeps.</summary>
    public DeletionPolicy DeletionPolicy { get; init; }

    /// <summary>For how many days a deleted database can be restored.</summary>
    public int GraceDays { get; init; }

    /// <summary>The longest time between creation and expiry in days; null for no limit.</summary>
    public int? MaxLifetimeDays { get; init; }

    /// <summary>The time in seconds within which a database must become ready.</summary>
    public int ReadyTimeoutSeconds { get; init; }

    /// <summary>PostgreSQL settings by name.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Counts the changes.</summary>
    public int Version { get; init; }
}

internal sealed class TierProfile : Profile
{
    public TierProfile()
    {
        CreateMap<TierSpec, TierDto>(MemberList.None)
            .ForMember(d => d.Cpu, o => o.MapFrom(s => s.CpuMillis / 1000d))
            .ForMember(d => d.Memory, o => o.MapFrom(s => s.MemoryMib))
            .ForMember(d => d.Storage, o => o.MapFrom(s => s.StorageMib));
        CreateMap<Tier, TierDto>(MemberList.None).IncludeMembers(t => t.Spec);
    }
}
