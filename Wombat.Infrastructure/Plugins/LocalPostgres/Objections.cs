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

    private IEnumerable<string> Warnings(TierSpec tier)
    {
        if (!limits.AreEnforced)
        {
            yield return "The limits of cpu and of the memory of all sessions together are not enforced on this machine, since Wombat may not "
                + "create control groups; the memory of each session is limited.";
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
