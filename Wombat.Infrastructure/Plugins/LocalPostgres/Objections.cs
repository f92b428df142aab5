using System.Globalization;
using Wombat.Domain.Databases;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>What prevents or weakens a database with a spec on this machine.</summary>
internal sealed class Objections(
    LocalPostgresOptions options,
    PostgresInstallations installations,
    InstanceStore store,
    ServerLimits limits
)
{
    private const string Field = "tier";

    // A data directory, its WAL and a first backup.
    private const int SmallestMib = 256;

    public async Task<IReadOnlyList<DatabaseObjection>> FindAsync(DatabaseSpec spec, CancellationToken cancel)
    {
        var tier = spec.Settings;
        var all = await installations.FindAllAsync(cancel);
        var found = new List<DatabaseObjection>();
        if (all.Count == 0 || (tier.PostgresVersion is { } version && all.All(i => i.Version != version)))
        {
            found.Add(new DatabaseObjection(Field, PostgresInstallations.Missing(tier.PostgresVersion, all)));
        }

        if (spec.Origin is { } origin && store.FolderOf(origin.SourceKey).Read() is { } source)
        {
            if (tier.PostgresVersion is { } wanted && wanted != source.Version)
            {
                found.Add(
                    new DatabaseObjection(
                        Field,
                        $"A backup of PostgreSQL {source.Version} cannot be restored with PostgreSQL {wanted}; choose a tier with the "
                            + "same version."
                    )
                );
            }
        }

        found.AddRange(
            tier.Settings.Keys.Where(s => !ServerConfiguration.IsAllowed(s))
                .Select(s => new DatabaseObjection(Field, $"The setting {s} is managed by the plugin or is not a setting of PostgreSQL."))
        );
        if (DiskUsage.FreeBytes(options.Folder) is { } free && free >> 20 < options.MinFreeMib + SmallestMib)
        {
            found.Add(new DatabaseObjection(Field, $"Only {(free >> 20).ToString(CultureInfo.InvariantCulture)} MiB of disk are free."));
        }

        found.AddRange(Warnings(tier).Select(w => new DatabaseObjection(Field, w, Prevents: false)));
        return found;
    }

    /// <summary>What prevents or weakens a change of an existing database.</summary>
    public IReadOnlyList<DatabaseObjection> FindForChange(
        InstanceFolder folder,
        Instance instance,
        DatabaseChange change,
        DatabaseSpec after
    ) =>
        change switch
        {
            DatabaseChange.Tier =>
            [
                .. FindForResize(instance, after.Settings),
                .. Warnings(after.Settings).Select(w => new DatabaseObjection(Field, w, Prevents: false)),
            ],
            DatabaseChange.RestoreInPlace => [.. FindForRestore(folder, instance)],
            _ => [],
        };

    /// <summary>What prevents that an existing database gets the settings of a tier.</summary>
    public static IEnumerable<DatabaseObjection> FindForResize(Instance instance, TierSpec tier)
    {
        if (tier.PostgresVersion is { } version && version != instance.Version)
        {
            yield return new DatabaseObjection(
                Field,
                $"The database has PostgreSQL {instance.Version}; it cannot be changed to {version} in place."
            );
        }

        if (tier.Settings.Keys.FirstOrDefault(s => !ServerConfiguration.IsAllowed(s)) is { } setting)
        {
            yield return new DatabaseObjection(Field, $"The setting {setting} is managed by the plugin.");
        }

        if (instance.Frozen?.Cause == FreezeCause.Request)
        {
            yield return new DatabaseObjection("status", "The database is frozen. Unfreeze it first.");
        }
    }

    // The restored data and a backup of the present ones.
    private IEnumerable<DatabaseObjection> FindForRestore(InstanceFolder folder, Instance instance)
    {
        var needed = (2 * DiskUsage.Measure(folder.Data) >> 20) + options.MinFreeMib;
        if (DiskUsage.FreeBytes(folder.Path) is { } free && free >> 20 < needed)
        {
            yield return new DatabaseObjection("change", $"It needs {needed} MiB of free disk; {free >> 20} MiB are free.");
        }

        if (instance.Frozen is not null)
        {
            yield return new DatabaseObjection("status", "The database is frozen. Unfreeze it first.");
        }
    }

    private IEnumerable<string> Warnings(TierSpec tier)
    {
        if (!limits.AreEnforced)
        {
            yield return "The limits of cpu and of the memory of all sessions together are not enforced on this machine, "
                + "since Wombat may not create control groups; the memory of each session is limited.";
        }

        if (tier.Instances > 1)
        {
            yield return "The database has one server; there are no standbys on this machine.";
        }

        if (tier.PoolerInstances > 0)
        {
            yield return "The database has no connection pooler on this machine.";
        }

        if (tier.StorageClass is not null)
        {
            yield return "The storage class is ignored on this machine.";
        }
    }
}
