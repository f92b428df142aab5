using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Accepts requests for operations: checks the state of the resource and enqueues the job.</summary>
internal sealed class OperationRequests<TResource, TSpec, TDto>(
    IWombatDbContext db,
    AuditLog auditLog,
    JobScheduler jobs,
    ResourceHooks<TResource, TSpec> hooks,
    ResourceMapper<TDto> mapper
)
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
{
    /// <exception cref="ConflictException">The state does not allow the operation, or too many jobs wait.</exception>
    public Task<TAccepted> AcceptAsync<TAccepted>(Guid? project, Guid id, string operation, object? arguments, CancellationToken cancel)
        where TAccepted : TDto, IAcceptedResource =>
        db.InTransactionAsync(token => AcceptInTransactionAsync<TAccepted>(project, id, operation, arguments, token), cancel);

    private async Task<TAccepted> AcceptInTransactionAsync<TAccepted>(
        Guid? project,
        Guid id,
        string name,
        object? arguments,
        CancellationToken cancel
    )
        where TAccepted : TDto, IAcceptedResource
    {
        var kind = mapper.Kind;
        var (operation, jobKind) = kind.Operation(name);
        var resource = await db.Context.Set<TResource>().FindInProjectAsync(kind, project, id, cancel);
        await db.LockResourceAsync(resource, cancel);
        resource.EnsureOperable(operation.Name, operation.AllowedIn);
        var prepared = await hooks.PrepareOperationAsync(resource, name, arguments, cancel);

        if (await db.Jobs.Waiting().CountAsync(j => j.ResourceId == resource.Id, cancel) >= Job.WaitingOfResourceMax)
        {
            throw new ConflictException(
                ErrorCode.TooManyJobs,
                $"At most {Job.WaitingOfResourceMax} jobs of a {kind.Name} wait at once. Wait for them, or cancel some."
            );
        }

        var job = jobs.Enqueue(jobKind, prepared, new JobTarget(resource.ProjectId, resource.Id));
        auditLog.Record(EventAction.OfOperation(kind.Name, name), kind.Name, resource.Id, resource.ProjectId, after: prepared);
        await db.SaveChangesAsync(cancel);
        return mapper.Accept<TAccepted>(resource, job);
    }
}
