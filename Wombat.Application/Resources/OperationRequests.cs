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
    OperationPreparation<TResource, TSpec> preparation,
    ResourceMapper<TDto> mapper
)
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
{
    /// <exception cref="ConflictException">The state does not allow the operation, or too many jobs wait.</exception>
    /// <exception cref="InvalidInputException">The kind or its plugin objects.</exception>
    /// <exception cref="BudgetExceededException">A limit of the project does not allow it.</exception>
    public async Task<TAccepted> AcceptAsync<TAccepted>(Guid? project, Guid id, string name, object? arguments, CancellationToken cancel)
        where TAccepted : TDto, IAcceptedResource
    {
        var (operation, job) = mapper.Kind.Operation(name);
        var known = await db.Context.Set<TResource>().AsNoTracking().FindInProjectAsync(mapper.Kind, project, id, cancel);
        var changesDemand = await preparation.CheckAsync(known, operation, arguments, cancel);
        return await db.InTransactionAsync(
            token => AcceptInTransactionAsync<TAccepted>(known, operation, job, arguments, changesDemand, token),
            cancel
        );
    }

    private async Task<TAccepted> AcceptInTransactionAsync<TAccepted>(
        TResource known,
        ResourceOperation operation,
        JobKind jobKind,
        object? arguments,
        bool changesDemand,
        CancellationToken cancel
    )
        where TAccepted : TDto, IAcceptedResource
    {
        var kind = mapper.Kind;
        var resource = await db.Context.Set<TResource>().FindInProjectAsync(kind, known.ProjectId, known.Id, cancel);
        var prepared = await preparation.PrepareAsync(resource, operation, arguments, changesDemand, cancel);
        if (await db.Jobs.Waiting().CountAsync(j => j.ResourceId == resource.Id, cancel) >= Job.WaitingOfResourceMax)
        {
            throw new ConflictException(
                ErrorCode.TooManyJobs,
                $"At most {Job.WaitingOfResourceMax} jobs of a {kind.Name} wait at once. Wait for them, or cancel some."
            );
        }

        var job = jobs.Enqueue(jobKind, prepared, new JobTarget(resource.ProjectId, resource.Id));
        auditLog.Record(EventAction.OfOperation(kind.Name, operation.Name), kind.Name, resource.Id, resource.ProjectId, after: prepared);
        await db.SaveChangesAsync(cancel);
        return mapper.Accept<TAccepted>(resource, job);
    }
}
