using Wombat.Application.Common;
using Wombat.Application.Plugins;
using Wombat.Application.Resources;
using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>What changes of a database would do, with what its provider says. Changes nothing.</summary>
internal sealed class DatabaseChangePlans(DatabaseTiers tiers, DatabaseRestores restores, DatabaseAccess access, TimeProvider clock)
{
    public static PlanObjection Describe(DatabaseObjection objection) => new(objection.Field, objection.Message, objection.Prevents);

    public async Task<ResourceChangePlan> PlanResizeAsync(Database database, string name, CancellationToken cancel)
    {
        var tier = await tiers.FindAsync(name, cancel);
        var after = (database.Spec with { Resize = new TierChange(tier.Name, tier.Version, tier.Spec) }).AfterResize();
        var changes = TierDifferences.Between(database.Spec.Settings, tier.Spec);
        var (objections, downtime) = await AskAsync(database, DatabaseChange.Tier, after, cancel);
        return new ResourceChangePlan
        {
            Changes = name == database.Spec.Tier ? changes : [new PlannedChange("tier", database.Spec.Tier, name), .. changes],
            Objections = [.. DatabaseTiers.FindObjections(database, tier), .. objections],
            DemandAfter = DatabaseKind.DemandOf(after),
            Downtime = downtime && changes.Count > 0,
        };
    }

    public async Task<ResourceChangePlan> PlanFreezeAsync(Database database, CancellationToken cancel)
    {
        var (objections, downtime) = await AskAsync(database, DatabaseChange.Freeze, database.Spec, cancel);
        return new ResourceChangePlan
        {
            Changes = [new PlannedChange("status", FieldNames.Snake(database.Status.ToString()), "frozen")],
            Objections = objections,
            Downtime = downtime,
        };
    }

    /// <param name="target">The time, or null with a backup.</param>
    public async Task<ResourceChangePlan> PlanRestoreInPlaceAsync(
        Database database,
        DateTimeOffset? target,
        string? backup,
        CancellationToken cancel
    )
    {
        if (target is null && backup is null)
        {
            return new ResourceChangePlan { Objections = [new PlanObjection("target_time", "this or backup_id is required")] };
        }

        var (objections, downtime) = await AskAsync(database, DatabaseChange.RestoreInPlace, database.Spec, cancel);
        var unrestorable = await restores.FindObjectionAsync(database, target, backup, cancel);
        var until = target is { } time ? Rfc3339.Format(time) : $"backup {backup}";
        return new ResourceChangePlan
        {
            Changes = [new PlannedChange("data", "now", until)],
            Removes = [$"All changes since {until}. A backup of the present data is made first, from which they can be restored."],
            Objections = unrestorable is null ? objections : [unrestorable, .. objections],
            Downtime = downtime,
        };
    }

    public async Task<ResourceChangePlan> PlanDeletionAsync(Database database, CancellationToken cancel)
    {
        var (objections, _) = await AskAsync(database, DatabaseChange.Delete, database.Spec, cancel);
        var tier = database.Spec.Settings;
        var until = Rfc3339.Format(clock.GetUtcNow().AddDays(tier.GraceDays));
        return new ResourceChangePlan
        {
            Removes = (database.KeepsTrash, tier.DeletionPolicy) switch
            {
                (false, _) => ["The database with its data, backups, users and passwords, at once and for good."],
                (_, DeletionPolicy.Archive) =>
                [
                    $"The server with its data. A final backup is kept; the database can be undeleted until {until}.",
                ],
                _ => [$"Access to the database. Its server is stopped; the database can be undeleted until {until}."],
            },
            Objections = objections,
        };
    }

    private async Task<(IReadOnlyList<PlanObjection> Objections, bool Downtime)> AskAsync(
        Database database,
        DatabaseChange change,
        DatabaseSpec after,
        CancellationToken cancel
    )
    {
        if (database.ExternalId is null)
        {
            return ([], false);
        }

        if (access.ProviderHere(database) is not { } provider)
        {
            var message = $"The database is on the host {database.HostName}, where the job asks its provider.";
            return ([new PlanObjection("plugin", message, Prevents: false)], true);
        }

        var effect = await provider.PlanChangeAsync(database.Reference, change, after, cancel);
        return ([.. effect.Objections.Select(Describe)], effect.Downtime);
    }
}
