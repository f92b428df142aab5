using System.Globalization;
using Wombat.Application.Common;
using Wombat.Application.Resources;
using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>Compares what two tiers promise, field by field, with the names that the API of tiers has.</summary>
internal static class TierDifferences
{
    private static readonly (string Name, Func<TierSpec, object?> Value)[] Fields =
    [
        ("instances", t => t.Instances),
        ("cpu", t => t.CpuMillis / 1000d),
        ("memory", t => t.MemoryMib),
        ("storage", t => t.StorageMib),
        ("storage_class", t => t.StorageClass),
        ("postgres_version", t => t.PostgresVersion),
        ("pool_mode", t => FieldNames.Snake(t.PoolMode.ToString())),
        ("pooler_instances", t => t.PoolerInstances),
        ("max_connections", t => t.MaxConnections),
        ("backup_schedule", t => t.BackupSchedule),
        ("drill_schedule", t => t.DrillSchedule),
        ("backup_retention_days", t => t.BackupRetentionDays),
        ("deletion_policy", t => FieldNames.Snake(t.DeletionPolicy.ToString())),
        ("grace_days", t => t.GraceDays),
        ("max_lifetime_days", t => t.MaxLifetimeDays),
        ("ready_timeout_seconds", t => t.ReadyTimeoutSeconds),
    ];

    public static IReadOnlyList<PlannedChange> Between(TierSpec from, TierSpec to) =>
        [
            .. Fields
                .Select(f => new PlannedChange(f.Name, Text(f.Value(from)), Text(f.Value(to))))
                .Concat(
                    from.Settings.Keys.Union(to.Settings.Keys, StringComparer.Ordinal)
                        .Order(StringComparer.Ordinal)
                        .Select(s => new PlannedChange(
                            $"settings.{s}",
                            from.Settings.GetValueOrDefault(s),
                            to.Settings.GetValueOrDefault(s)
                        ))
                )
                .Where(c => c.From != c.To),
        ];

    private static string? Text(object? value) => value is null ? null : Convert.ToString(value, CultureInfo.InvariantCulture);
}
