using Wombat.Application.Jobs;
using Wombat.Application.Resources;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Databases;

/// <summary>
/// Restores the newest backup of a database into a throw-away one, reads all of it, and removes it. The throw-away database of a database
/// always has the same key, so that a drill finds and removes what one that was cut short has left.
/// </summary>
internal sealed class RestoreDrill(PluginRegistry plugins, IDatabaseInspector inspector, TimeProvider clock)
{
    private const int NameRoom = 50;

    /// <exception cref="ExternalSystemException">The backup cannot be restored or read.</exception>
    /// <exception cref="JobFailedException">There is no backup.</exception>
    public async Task<DrillReport> RunAsync(Database database, JobRun run, CancellationToken cancel)
    {
        var provider = (IDatabaseProvider)plugins.Get(database.Plugin);
        var log = new PluginLog(run.Log);
        var copy = CopyOf(database);
        var startedAt = clock.GetUtcNow();
        await provider.DeprovisionAsync(copy, log, cancel);
        if ((await provider.FindRestorableAsync(database.Reference, cancel)).LastRestorableAt is not { } restoredTo)
        {
            throw new JobFailedException(ErrorCode.NotRestorable, "The database has no complete backup yet.");
        }

        try
        {
            var seen = await provider.ProvisionAsync(new ProvisionRequest<DatabaseSpec>(copy, SpecOf(database)), log, cancel);
            var credentials = await provider.GetCredentialsAsync(copy with { ExternalId = seen.ExternalId }, null, cancel);
            var found = await inspector.CountAsync(credentials, cancel);
            await run.Log.WriteAsync($"The restored database has {found.Tables} tables with {found.Rows} rows.", cancel);
            return new DrillReport(startedAt, clock.GetUtcNow(), null, restoredTo, found.Tables, found.Rows);
        }
        finally
        {
            await provider.DeprovisionAsync(copy, log, CancellationToken.None);
        }
    }

    /// <summary>The throw-away database of a database. The end of the name is what makes it unique.</summary>
    internal static ResourceRef CopyOf(Database database)
    {
        var name = database.ExternalName;
        var end = name[Math.Max(0, name.Length - NameRoom)..].TrimStart('-');
        return new ResourceRef(database.Kind, $"{database.ExternalKey}-drill", $"drill-{end}", null);
    }

    private static DatabaseSpec SpecOf(Database database) =>
        database.Spec with
        {
            IsThrowAway = true,
            Origin = new DatabaseOrigin(database.ExternalKey, database.ExternalName) { SourceId = database.Id },
            Settings = database.Spec.Settings with { Instances = 1, PoolerInstances = 0, BackupSchedule = null, DrillSchedule = null },
        };
}
