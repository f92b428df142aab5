using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Requests an operation of the kind, such as a restart; a job carries it out.</summary>
/// <param name="Operation">The name of one of the kind's operations.</param>
public sealed record OperateResource<TAccepted>(Guid ProjectId, Guid Id, string Operation)
    : IRequest<TAccepted>,
        IIdempotentCommand,
        IProjectScoped
    where TAccepted : ResourceDto
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class OperateResourceHandler<TResource, TDto, TAccepted>(
    IWombatDbContext db,
    AuditLog auditLog,
    JobScheduler jobs,
    ResourceMapper<TDto> mapper
) : IRequestHandler<OperateResource<TAccepted>, TAccepted>
    where TResource : Resource
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    public Task<TAccepted> Handle(OperateResource<TAccepted> request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => OperateAsync(request, cancel), cancellationToken);

    private async Task<TAccepted> OperateAsync(OperateResource<TAccepted> request, CancellationToken cancel)
    {
        var kind = mapper.Kind;
        var (operation, jobKind) = kind.Operation(request.Operation);
        var resource = await db.Context.Set<TResource>().FindInProjectAsync(kind, request.ProjectId, request.Id, cancel);
        await db.LockResourceAsync(resource, cancel);
        resource.EnsureOperable(operation.Name);
        if (await db.Jobs.Waiting().CountAsync(j => j.ResourceId == resource.Id, cancel) >= Job.WaitingOfResourceMax)
        {
            throw new ConflictException(
                ErrorCode.TooManyJobs,
                $"At most {Job.WaitingOfResourceMax} jobs of a {kind.Name} wait at once. Wait for them, or cancel some."
            );
        }

        var job = jobs.Enqueue(jobKind, new JobTarget(resource.ProjectId, resource.Id));
        auditLog.Record<object>(EventAction.OfOperation(kind.Name, operation.Name), kind.Name, resource.Id, resource.ProjectId);
        await db.SaveChangesAsync(cancel);
        return mapper.Accept<TAccepted>(resource, job);
    }
}
