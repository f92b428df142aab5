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
using Wombat.Domain.Tiers;

namespace Wombat.Application.Databases;

/// <summary>Tiers of databases.</summary>
internal sealed class DatabaseHooks(IWombatDbContext db, ProjectBudgets budgets, RestoreDrill drill, AuditLog auditLog, TimeProvider clock)
    : ResourceHooks<Database, DatabaseSpec>
{
    public override async Task<ResourceRequest<DatabaseSpec>> ResolveAsync(ResourceRequest<DatabaseSpec> request, CancellationToken cancel)
    {
        var tier = await FindTierAsync(request.Spec.Tier, cancel);
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
    ) =>
        [
            .. (await ((IDatabaseProvider)plugin).FindObjectionsAsync(spec, cancel)).Select(o => new PlanObjection(
                o.Field,
                o.Message,
                o.Prevents
            )),
        ];

    // A tier that is deleted at the same time is not used.
    public override async Task OnRequestedAsync(Database resource, CancellationToken cancel)
    {
        if (await db.LockTierAsync(resource.Spec.Tier, exclusive: false, cancel) is null)
        {
            throw await UnknownTierAsync(cancel);
        }

        // The backups of a source that is bound to a host are on that host.
        if (
            resource.Spec.Origin is { } origin
            && await db.Databases.AsNoTracking().SingleOrDefaultAsync(d => d.Id == origin.SourceId, cancel) is { HostId: { } host } source
        )
        {
            resource.AssignHost(new HostIdentity(host, source.HostName ?? ""));
        }
    }

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
                await ResizeAsync(resource, resize.Tier!, cancel);
                break;
            case AdoptDatabase adopt:
                await AdoptAsync(resource, adopt, cancel);
                break;
        }

        return arguments;
    }

    public override async Task OnOperatedAsync(Database resource, string operation, JobRun run, CancellationToken cancel)
    {
        if (operation == DatabaseKind.DrillOperation)
        {
            var report = await drill.RunAsync(resource, run, cancel);
            await db.Context.Entry(resource).ReloadAsync(cancel);
            RecordDrill(resource, report);
        }
    }

    public override async Task OnOperationFailedAsync(Database resource, string operation, EndedJob job, CancellationToken cancel)
    {
        if (operation == DatabaseKind.DrillOperation && job.State != JobState.Cancelled)
        {
            var now = clock.GetUtcNow();
            var startedAt = await db.Jobs.Where(j => j.Id == job.Id).Select(j => j.StartedAt).SingleOrDefaultAsync(cancel);
            RecordDrill(resource, new DrillReport(startedAt ?? now, now, job.Error.Message));
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

    // Saved with the request, so that the budget counts what was accepted.
    private async Task ResizeAsync(Database database, string name, CancellationToken cancel)
    {
        await db.LockProjectAsync(database.ProjectId, exclusive: true, cancel);
        var tier = await db.LockTierAsync(name, exclusive: false, cancel) ?? throw await UnknownTierAsync(cancel);
        if (tier.Spec.StorageMib < database.Spec.Settings.StorageMib)
        {
            throw new InvalidInputException("tier", "has less storage than the database; storage cannot shrink");
        }

        if (tier.Plugin is { } plugin && plugin != database.Plugin)
        {
            throw new InvalidInputException("tier", $"is provided by the plugin {plugin}; the database is at {database.Plugin}");
        }

        var now = clock.GetUtcNow();
        database.Resize(tier.Name, tier.Version, tier.Spec, now);
        if (tier.Spec.LatestExpiry(now) is { } latest && (database.ExpiresAt is null || database.ExpiresAt > latest))
        {
            database.ExpireAt(latest);
        }

        if (await budgets.ExceededAsync(database, "tier", cancel) is [var exceeded, ..])
        {
            throw exceeded.ToException();
        }
    }

    private async Task AdoptAsync(Database database, AdoptDatabase request, CancellationToken cancel)
    {
        await db.LockProjectAsync(database.ProjectId, exclusive: true, cancel);
        database.Adopt(request.Fields, clock.GetUtcNow());
        if (await budgets.ExceededAsync(database, "fields", cancel) is [var exceeded, ..])
        {
            throw exceeded.ToException();
        }
    }

    private async Task<Tier> FindTierAsync(string name, CancellationToken cancel) =>
        await db.Tiers.AsNoTracking().SingleOrDefaultAsync(t => t.Name == name, cancel) ?? throw await UnknownTierAsync(cancel);

    private async Task<InvalidInputException> UnknownTierAsync(CancellationToken cancel)
    {
        var names = await db.Tiers.AsNoTracking().OrderBy(t => t.Name).Select(t => t.Name).ToListAsync(cancel);
        return new InvalidInputException("tier", $"must be one of {string.Join(", ", names)}");
    }
}
