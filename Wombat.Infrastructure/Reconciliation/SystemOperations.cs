using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Containers;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>
/// Requests operations on containers for which nobody asks, such as scheduled snapshots. Several replicas may do it: the container is
/// locked, and one job of an operation at a time waits for it.
/// </summary>
internal sealed class SystemOperations(IServiceScopeFactory scopes, ResourceKinds kinds)
{
    /// <param name="prepare">
    /// Returns the arguments of the operation, in a transaction that locks the container; null if nothing is to be done.
    /// </param>
    public async Task RequestAsync(
        Guid container,
        string operation,
        Func<IWombatDbContext, Container, JobKind, CancellationToken, Task<object?>> prepare,
        CancellationToken cancel
    )
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = Caller.System;
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        await db.InTransactionAsync(
            async token =>
            {
                var found = await db.Containers.SingleOrDefaultAsync(c => c.Id == container, token);
                if (found is null)
                {
                    return 0;
                }

                var job = kinds.Of(found).Operation(operation).Job;
                if ((await db.LockActiveJobsAsync([container], token)).Any(j => j.Kind == job.Name))
                {
                    return 0;
                }

                await db.LockResourceAsync(found, token);
                if (!ContainerKind.Existing.Contains(found.Status) || await prepare(db, found, job, token) is not { } arguments)
                {
                    return await db.SaveChangesAsync(token);
                }

                var target = new JobTarget(found.ProjectId, container);
                scope.ServiceProvider.GetRequiredService<JobScheduler>().Enqueue(job, arguments, target);
                scope
                    .ServiceProvider.GetRequiredService<AuditLog>()
                    .Record(EventAction.OfOperation(found.Kind, operation), found.Kind, container, found.ProjectId, after: arguments);
                return await db.SaveChangesAsync(token);
            },
            cancel
        );
    }
}
