using AutoMapper;
using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Orphans;

/// <summary>Deletes an orphan with its data; a job does it.</summary>
/// <param name="Name">The name of the orphan, as a confirmation.</param>
[RequirePermission(Permission.OrphanManage)]
public sealed record RemoveOrphan(Guid Id, string? Name) : IRequest<AcceptedJob>, IIdempotentCommand;

internal sealed class RemoveOrphanValidator : AbstractValidator<RemoveOrphan>
{
    public RemoveOrphanValidator() => RuleFor(m => m.Name).NotEmpty().WithMessage("is required");
}

internal sealed class RemoveOrphanHandler(IWombatDbContext db, JobScheduler jobs, JobActions actions, IMapper mapper, AuditLog auditLog)
    : IRequestHandler<RemoveOrphan, AcceptedJob>
{
    public Task<AcceptedJob> Handle(RemoveOrphan request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => EnqueueAsync(request, cancel), cancellationToken);

    private async Task<AcceptedJob> EnqueueAsync(RemoveOrphan request, CancellationToken cancel)
    {
        var orphan = await db.LockIdleOrphanAsync(request.Id, cancel);
        if (request.Name != orphan.Name)
        {
            throw new InvalidInputException("name", "must be the orphan's name, to confirm");
        }

        // With the resource that it was: its jobs run one after the other.
        var job = jobs.Enqueue(RemoveOrphanJob.Kind, new OrphanRemoval(orphan.Id), new JobTarget(null, orphan.ResourceId));
        orphan.RemoveBy(job.Id);
        auditLog.Record(EventAction.OrphanRemoveRequested, "orphan", orphan.Id, null, after: OrphanRecord.Of(orphan));
        await db.SaveChangesAsync(cancel);
        return AcceptedJob.Of(job, mapper, actions);
    }
}
