using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Application.Tiers;
using Wombat.Domain.Databases;
using TierEntity = Wombat.Domain.Tiers.Tier;

namespace Wombat.Api.Endpoints;

/// <summary>What a tier promises; a field that is absent gets its default.</summary>
internal sealed class SaveTierBody
{
    /// <summary>For whom and for what the tier is.</summary>
    [StringLength(TierEntity.DescriptionMax)]
    public string? Description { get; init; }

    /// <summary>The plugin instance that provides its databases; the default one when absent.</summary>
    [StringLength(63, MinimumLength = 1)]
    public string? Plugin { get; init; }

    /// <summary>The number of PostgreSQL servers: one primary, the others standbys.</summary>
    [DefaultValue(1)]
    public int? Instances { get; init; }

    /// <summary>Cores of each server.</summary>
    [DefaultValue(0.5)]
    public double? Cpu { get; init; }

    /// <summary>Memory of each server in MiB.</summary>
    [DefaultValue(256)]
    public int? Memory { get; init; }

    /// <summary>Disk of each server in MiB, WAL included.</summary>
    [DefaultValue(1024)]
    public int? Storage { get; init; }

    /// <summary>The storage class of the outside system; its default when absent.</summary>
    public string? StorageClass { get; init; }

    /// <summary>The major version of PostgreSQL; the provider's default when absent.</summary>
    public int? PostgresVersion { get; init; }

    /// <summary>How poolers assign server connections.</summary>
    public PoolMode? PoolMode { get; init; }

    /// <summary>The number of connection poolers; 0 for none.</summary>
    [DefaultValue(0)]
    public int? PoolerInstances { get; init; }

    /// <summary>The number of client connections that a database accepts.</summary>
    [DefaultValue(50)]
    public int? MaxConnections { get; init; }

    /// <summary>When backups are made, as a cron expression of five fields in UTC; no backups when absent.</summary>
    /// <example>0 3 * * *</example>
    public string? BackupSchedule { get; init; }

    /// <summary>For how many days backups are kept.</summary>
    [DefaultValue(7)]
    public int? BackupRetentionDays { get; init; }

    /// <summary>
    /// When the newest backup is restored on trial into a throw-away database, as a cron expression of five fields in UTC; never when
    /// absent.
    /// </summary>
    /// <example>0 5 * * 0</example>
    public string? DrillSchedule { get; init; }

    /// <summary>What a deletion keeps.</summary>
    public DeletionPolicy? DeletionPolicy { get; init; }

    /// <summary>For how many days a deleted database can be restored.</summary>
    [DefaultValue(7)]
    public int? GraceDays { get; init; }

    /// <summary>The longest time between creation and expiry in days; no limit when absent.</summary>
    public int? MaxLifetimeDays { get; init; }

    /// <summary>The time in seconds within which a database must become ready.</summary>
    [DefaultValue(300)]
    public int? ReadyTimeoutSeconds { get; init; }

    /// <summary>PostgreSQL settings by name, such as work_mem.</summary>
    public Dictionary<string, string>? Settings { get; init; }

    internal SaveTier ToRequest(string name)
    {
        var usual = new TierSpec();
        var spec = new TierSpec
        {
            Instances = Instances ?? usual.Instances,
            CpuMillis = Cpu is { } cores ? (int)Math.Round(Math.Clamp(cores, 0, 1000) * 1000) : usual.CpuMillis,
            MemoryMib = Memory ?? usual.MemoryMib,
            StorageMib = Storage ?? usual.StorageMib,
            StorageClass = StorageClass,
            PostgresVersion = PostgresVersion,
            PoolMode = PoolMode ?? usual.PoolMode,
            PoolerInstances = PoolerInstances ?? usual.PoolerInstances,
            MaxConnections = MaxConnections ?? usual.MaxConnections,
            BackupSchedule = BackupSchedule,
            BackupRetentionDays = BackupRetentionDays ?? usual.BackupRetentionDays,
            DrillSchedule = DrillSchedule,
            DeletionPolicy = DeletionPolicy ?? usual.DeletionPolicy,
            GraceDays = GraceDays ?? usual.GraceDays,
            MaxLifetimeDays = MaxLifetimeDays,
            ReadyTimeoutSeconds = ReadyTimeoutSeconds ?? usual.ReadyTimeoutSeconds,
            Settings = Settings ?? usual.Settings,
        };
        return new SaveTier(name, Description ?? "", Plugin, spec);
    }
}
