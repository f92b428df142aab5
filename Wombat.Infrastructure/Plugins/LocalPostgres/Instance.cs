using Wombat.Domain.Databases;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>What is stored about a database in the file <c>instance.json</c>. Holds no secret.</summary>
internal sealed record Instance
{
    /// <summary>The external key, which is also the name of the folder.</summary>
    public required string Key { get; init; }

    /// <summary>The external id, chosen when the creation began.</summary>
    public required string Id { get; init; }

    /// <summary>The external name.</summary>
    public required string Name { get; init; }

    public InstancePhase Phase { get; init; } = InstancePhase.Creating;

    /// <summary>The major version of PostgreSQL.</summary>
    public required int Version { get; init; }

    /// <summary>The TCP port; 0 until one was chosen.</summary>
    public int Port { get; init; }

    public required TierSpec Tier { get; init; }

    /// <summary>Counts the data directories that the instance has had; each has a WAL archive of its own.</summary>
    public int Generation { get; init; } = 1;

    /// <summary>The system identifier of the data directory; null until there is one.</summary>
    public string? SystemIdentifier { get; init; }

    /// <summary>Whether the tenant's database and roles exist.</summary>
    public bool HasRoles { get; init; }

    public DatabaseOrigin? Origin { get; init; }

    /// <summary>The last restore in place; null if there was none.</summary>
    public RestoreState? Restore { get; init; }

    /// <summary>Null while the database is writable.</summary>
    public Freeze? Frozen { get; init; }

    /// <summary>Until then the disk limit does not make the database read-only, so that its user can delete rows.</summary>
    public DateTimeOffset? WritableUntil { get; init; }

    public IReadOnlyList<InstanceUser> Users { get; init; } = [];

    /// <summary>The time of the last commit that is known to be archived.</summary>
    public DateTimeOffset? LastRestorableAt { get; init; }

    /// <summary>The transaction after that commit.</summary>
    public long? LastRestorableXid { get; init; }

    /// <summary>When the newest backup ended; null if there is none or it was made by an earlier version.</summary>
    public DateTimeOffset? LastBackupAt { get; init; }

    /// <summary>When its creation began.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether it is a restore on trial, which is removed when the process that made it has ended.</summary>
    public bool IsThrowAway { get; init; }

    /// <summary>As it is when its data continue on a timeline of their own, which needs an archive of its own.</summary>
    public Instance InNewArchive() => this with { Generation = Generation + 1, LastRestorableAt = null, LastRestorableXid = null };

    /// <summary>The folder of the WAL archive in the folder <c>archive</c>.</summary>
    public string ArchiveName => $"{SystemIdentifier}-{Generation}";
}
