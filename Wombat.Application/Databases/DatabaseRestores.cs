using Wombat.Application.Common;
using Wombat.Application.Plugins;
using Wombat.Application.Resources;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>Checks what can be restored, for requests and plans.</summary>
internal sealed class DatabaseRestores(DatabaseAccess access)
{
    private const string NoBackup = "backups";

    /// <summary>The create that the restore into a new database makes, and what prevents it.</summary>
    public async Task<(CreateResource<DatabaseSpec, AcceptedDatabase> Create, PlanObjection? Objection)> ToCreateAsync(
        RestoreDatabase request,
        CancellationToken cancel
    )
    {
        var (source, provider) = await access.FindAsync(request.Id, "restore", DatabaseAccess.Known, cancel);
        var known = await provider.FindRestorableAsync(source.Reference, cancel);
        var origin = new DatabaseOrigin(source.ExternalKey, source.ExternalName, request.TargetTime, request.BackupId)
        {
            SourceId = source.Id,
        };
        var spec = new DatabaseSpec(request.Tier ?? source.Spec.Tier)
        {
            Purpose = source.Spec.Purpose,
            Owner = source.Spec.Owner,
            Origin = origin,
        };

        // The backups are where the source is.
        var create = new CreateResource<DatabaseSpec, AcceptedDatabase>(source.ProjectId, request.Name, spec, source.Plugin);
        return (create, FindObjection(known, request.TargetTime, request.BackupId));
    }

    /// <summary>Why the database cannot be restored to a time or a backup; null when it can.</summary>
    /// <exception cref="ExternalSystemException">The database is on another host.</exception>
    public async Task<PlanObjection?> FindObjectionAsync(
        Database database,
        DateTimeOffset? target,
        string? backup,
        CancellationToken cancel
    )
    {
        var known = await access.ProviderOf(database).FindRestorableAsync(database.Reference, cancel);
        return FindObjection(known, target, backup);
    }

    /// <exception cref="ConflictException">There is no backup yet.</exception>
    /// <exception cref="InvalidInputException">The time or the backup cannot be restored.</exception>
    public static void EnsureNone(PlanObjection? objection)
    {
        if (objection is not null)
        {
            throw objection.Field == NoBackup
                ? new ConflictException(ErrorCode.NotRestorable, objection.Message)
                : new InvalidInputException(objection.Field, objection.Message);
        }
    }

    private static PlanObjection? FindObjection(DatabaseBackups known, DateTimeOffset? target, string? backup)
    {
        if (backup is not null && known.Backups.Any(b => b.Id == backup))
        {
            return null;
        }

        if (known is not { FirstRestorableAt: { } first, LastRestorableAt: { } last })
        {
            return new PlanObjection(NoBackup, "The database has no complete backup yet.");
        }

        if (backup is not null)
        {
            return new PlanObjection("backup_id", "is not a backup of the database");
        }

        if (target is not { } time || (time >= first && time <= last))
        {
            return null;
        }

        var nearest = Rfc3339.Format(time < first ? first : last);
        return new PlanObjection("target_time", $"cannot be restored; the nearest time that can be is {nearest}");
    }
}
