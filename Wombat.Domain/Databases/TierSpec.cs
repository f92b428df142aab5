namespace Wombat.Domain.Databases;

/// <summary>What a tier promises for each of its databases. Providers receive it as part of <see cref="DatabaseSpec"/>.</summary>
public sealed record TierSpec
{
    /// <summary>The number of PostgreSQL servers: one primary, the others standbys.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Thousandths of a core for each server.</summary>
    public int CpuMillis { get; init; } = 500;

    /// <summary>Memory of each server in MiB.</summary>
    public int MemoryMib { get; init; } = 256;

    /// <summary>Disk of each server in MiB, WAL included.</summary>
    public int StorageMib { get; init; } = 1024;

    /// <summary>The storage class of the outside system; null for its default.</summary>
    public string? StorageClass { get; init; }

    /// <summary>The major version of PostgreSQL; null for the provider's default.</summary>
    public int? PostgresVersion { get; init; }

    public PoolMode PoolMode { get; init; } = PoolMode.Session;

    /// <summary>The number of connection poolers; 0 for none. Providers without poolers ignore it.</summary>
    public int PoolerInstances { get; init; }

    /// <summary>The number of client connections that the database accepts.</summary>
    public int MaxConnections { get; init; } = 50;

    /// <summary>When backups are made: a cron expression of five fields in UTC; null for no backups.</summary>
    public string? BackupSchedule { get; init; }

    /// <summary>For how many days backups and WAL are kept.</summary>
    public int BackupRetentionDays { get; init; } = 7;

    /// <summary>
    /// When the newest backup is restored on trial into a throw-away database: a cron expression of five fields in UTC; null for never.
    /// </summary>
    public string? DrillSchedule { get; init; }

    public DeletionPolicy DeletionPolicy { get; init; } = DeletionPolicy.Freeze;

    /// <summary>For how many days a deleted database can be restored; 0 for <see cref="DeletionPolicy.HardDelete"/>.</summary>
    public int GraceDays { get; init; } = 7;

    /// <summary>The longest time between creation and expiry in days; null for no limit.</summary>
    public int? MaxLifetimeDays { get; init; }

    /// <summary>The latest time at which a database may expire whose lifetime begins then; null for no limit.</summary>
    public DateTimeOffset? LatestExpiry(DateTimeOffset from) => MaxLifetimeDays is { } days ? from.AddDays(days) : null;

    /// <summary>The time in seconds within which a database must become ready.</summary>
    public int ReadyTimeoutSeconds { get; init; } = 300;

    /// <summary>PostgreSQL settings from the allow-list, by name.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
