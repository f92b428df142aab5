using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Jobs;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Hosts;

/// <summary>Records on the resources, jobs and runs of unavailable hosts that they wait for their host.</summary>
public sealed class LostHosts(
    NpgsqlDataSource database,
    JobStore jobs,
    IServiceScopeFactory scopes,
    PluginRegistry plugins,
    HostIdentity here,
    WombatSettings settings,
    TimeProvider clock,
    ILogger<LostHosts> log
)
{
    private const string HostUnavailable = "host_unavailable";
    private const string NoHost = "No active host has the resource.";
    private static readonly ResourceStatus[] Seen =
    [
        ResourceStatus.Running,
        ResourceStatus.Stopped,
        ResourceStatus.Missing,
        ResourceStatus.Error,
    ];

    public async Task MarkAsync(CancellationToken cancel)
    {
        foreach (var (host, name, lastSeen) in await FindAsync(cancel))
        {
            var since = lastSeen is { } at
                ? $"since {at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC"
                : "at all";
            await jobs.WaitForHostAsync(
                host,
                new JobError(HostUnavailable, $"The job waits for the host {name}, which has not reported {since}.", Retryable: true),
                cancel
            );
            await MarkAsync(r => r.HostId == host, $"The host {name} has not reported {since}.", cancel);
        }

        // Resources without a host that no host has found.
        var bound = plugins.All.Where(p => p.IsHostBound).Select(p => p.Name).ToArray();
        var longAgo = clock.GetUtcNow() - settings.HostTimeout;
        await MarkAsync(
            r => r.HostId == null && r.ExternalId != null && bound.Contains(r.Plugin) && r.ObservedAt < longAgo && Seen.Contains(r.Status),
            NoHost,
            cancel
        );
    }

    private Task<List<(Guid Host, string Name, DateTimeOffset? LastSeen)>> FindAsync(CancellationToken cancel) =>
        database.QueryAsync(
            $"""
            select r.host_id, coalesce(h.name, max(r.host_name)), h.last_seen_at
            from (select host_id, host_name from resources where status <> 'deleted' union all select host_id, host_name from orphans
                union all select host_id, host_name from workspaces) r
                left join hosts h on h.id = r.host_id
            where r.host_id <> {here.Id} and (h.last_seen_at is null or h.last_seen_at < now() - {settings.HostTimeout})
            group by r.host_id, h.name, h.last_seen_at
            """,
            r => (r.GetGuid(0), r.GetString(1), r.ValueOrDefault<DateTimeOffset?>(2)),
            cancel
        );

    private async Task MarkAsync(System.Linq.Expressions.Expression<Func<Resource, bool>> those, string reason, CancellationToken cancel)
    {
        List<Guid> ids;
        await using (var scope = scopes.CreateAsyncScope())
        {
            ids = await scope
                .ServiceProvider.GetRequiredService<IWombatDbContext>()
                .Resources.AsNoTracking()
                .Where(those)
                .Where(r => r.Status != ResourceStatus.Deleted && (r.StatusReason != reason || Seen.Contains(r.Status)))
                .Select(r => r.Id)
                .ToListAsync(cancel);
        }

        foreach (var id in ids)
        {
            await MarkAsync(id, reason, cancel);
        }
    }

    private async Task MarkAsync(Guid id, string reason, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = Caller.System;
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var resource = await db.Resources.SingleAsync(r => r.Id == id, cancel);
        var before = resource.Status;
        if (!resource.MarkHostLost(reason, clock.GetUtcNow()))
        {
            return;
        }

        if (resource.Status != before)
        {
            scope.ServiceProvider.GetRequiredService<ResourceEvents>().RecordStatus(resource, "failure");
        }

        try
        {
            await db.SaveChangesAsync(cancel);
            log.LogWarning(
                "{Name} ({Id}): status changed from {Before} to {After}: {Reason}",
                resource.ExternalName,
                resource.Id,
                before,
                resource.Status,
                reason
            );
        }
        catch (ConflictException)
        {
            // Changed concurrently; the next pass decides again.
        }
    }
}
