using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Plugins;
using Wombat.Application.Resources;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Databases;

/// <summary>Tiers, changes and restore drills of databases.</summary>
internal sealed class DatabaseHooks(
    IWombatDbContext db,
    DatabaseTiers tiers,
    DatabaseChangePlans plans,
    RestoreDrill drill,
    AuditLog auditLog,
    TimeProvider clock
) : ResourceHooks<Database, DatabaseSpec>
{
    public override async Task<ResourceRequest<DatabaseSpec>> ResolveAsync(ResourceRequest<DatabaseSpec> request, CancellationToken cancel)
    {
        var tier = await tiers.FindAsync(request.Spec.Tier, cancel);
        var latest = tier.Spec.LatestExpiry(clock.GetUtcNow());
        if (request.ExpiresAt > latest)
        {
            throw new InvalidInputException(
                "expires_at",
                $"must be at most {tier.Spec.MaxLifetimeDays} days from now in the tier {tier.Name}"
            );
        }

        return request with
        {
            Spec = request.Spec with { TierVersion = tier.Version, Settings = tier.Spec },
            Plugin = request.Plugin ?? tier.Plugin,
            ExpiresAt = request.ExpiresAt ?? latest,
        };
    }

    public override async Task<IReadOnlyList<PlanObjection>> FindObjectionsAsync(
        IPlugin plugin,
        DatabaseSpec spec,
        CancellationToken cancel
    ) => [.. (await ((IDatabaseProvider)plugin).FindObjectionsAsync(spec, cancel)).Select(DatabaseChangePlans.Describe)];

    // A tier that is deleted at the same time is not used.
    public override async Task OnRequestedAsync(Database resource, CancellationToken cancel)
    {
        await tiers.LockAsync(resource.Spec.Tier, cancel);

        // The backups of a source that is bound to a host are on that host.
        if (
            resource.Spec.Origin is { } origin
            && await db.Databases.AsNoTracking().SingleOrDefaultAsync(d => d.Id == origin.SourceId, cancel) is { HostId: { } host } source
        )
        {
            resource.AssignHost(new HostIdentity(host, source.HostName ?? ""));
        }
    }

    public override Task<ResourceChangePlan> PlanOperationAsync(
        Database resource,
        string operation,
        object? arguments,
        CancellationToken cancel
    ) =>
        arguments switch
        {
            ResizeDatabase resize => plans.PlanResizeAsync(resource, resize.Tier!, cancel),
            FreezeDatabase => plans.PlanFreezeAsync(resource, cancel),
            AdoptDatabase => Task.FromResult(new ResourceChangePlan { DemandAfter = DatabaseKind.DemandOf(resource.Spec) }),
            RestoreInPlace to => plans.PlanRestoreInPlaceAsync(resource, to.TargetTime, to.BackupId, cancel),
            _ => base.PlanOperationAsync(resource, operation, arguments, cancel),
        };

    public override Task<ResourceChangePlan> PlanDeletionAsync(Database resource, CancellationToken cancel) =>
        plans.PlanDeletionAsync(resource, cancel);

    // The budget counts the tier from now on; the spec gets it when the provider has applied it.
    public override async Task<object?> PrepareOperationAsync(
        Database resource,
        string operation,
        object? arguments,
        CancellationToken cancel
    )
    {
        switch (arguments)
        {
            case ResizeDatabase resize:
                var tier = await tiers.LockAsync(resize.Tier!, cancel);
                new ResourceChangePlan { Objections = [.. DatabaseTiers.FindObjections(resource, tier)] }.EnsurePossible();
                resource.BeginResize(new TierChange(tier.Name, tier.Version, tier.Spec), clock.GetUtcNow());
                break;
            case AdoptDatabase adopt:
                resource.Adopt(adopt.Fields, clock.GetUtcNow());
                break;
            case RestoreInPlace restore:
                return restore with { RequestId = Uuid7.At(clock.GetUtcNow()) };
        }

        return arguments;
    }

    public override async Task OnOperatedAsync(Database resource, string operation, JobRun run, CancellationToken cancel)
    {
        switch (operation)
        {
            case DatabaseKind.ResizeOperation:
                resource.CompleteResize(clock.GetUtcNow());
                break;
            case DatabaseKind.DrillOperation:
                var report = await drill.RunAsync(resource, run, cancel);
                await db.Context.Entry(resource).ReloadAsync(cancel);
                RecordDrill(resource, report);
                break;
        }
    }

    public override async Task OnOperationFailedAsync(Database resource, string operation, EndedJob job, CancellationToken cancel)
    {
        switch (operation)
        {
            case DatabaseKind.ResizeOperation:
                resource.AbandonResize();
                break;
            case DatabaseKind.DrillOperation when job.State != JobState.Cancelled:
                var now = clock.GetUtcNow();
                var startedAt = await db.Jobs.Where(j => j.Id == job.Id).Select(j => j.StartedAt).SingleOrDefaultAsync(cancel);
                RecordDrill(resource, new DrillReport(startedAt ?? now, now, job.Error.Message));
                break;
        }
    }

    private void RecordDrill(Database database, DrillReport report)
    {
        database.RecordDrill(report, clock.GetUtcNow());
        var (action, outcome) = report.Error is null
            ? (EventAction.DatabaseDrillSucceeded, "success")
            : (EventAction.DatabaseDrillFailed, "failure");
        auditLog.Record(
            action,
            database.Kind,
            database.Id,
            database.ProjectId,
            after: new DrillSnapshot(database.Name, report),
            outcome: outcome
        );
    }
}
