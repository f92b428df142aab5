using AutoMapper;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;

namespace Wombat.Application.Jobs;

/// <summary>Queues a failed, cancelled or interrupted job again, with as many attempts as its kind allows.</summary>
[RequirePermission(Permission.JobOperate)]
public sealed record RetryJob(Guid JobId) : IRequest<AcceptedJob>, IJobAction, IIdempotentCommand
{
    JobAction IJobAction.Action => JobAction.Retry;
}

internal sealed class RetryJobHandler(
    IWombatDbContext db,
    IMapper mapper,
    AuditLog auditLog,
    JobHandlers handlers,
    JobKinds kinds,
    JobActions actions,
    RequestContext context,
    TimeProvider clock
) : IRequestHandler<RetryJob, AcceptedJob>
{
    public Task<AcceptedJob> Handle(RetryJob request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var job = await db.LockJobAsync(request.JobId, cancel);
                job.Retry(context.Caller!.Actor, kinds.OptionsFor(job.Kind).Attempts, clock.GetUtcNow());
                var handler =
                    handlers.Find(job.Kind)
                    ?? throw new ConflictException(
                        ErrorCode.UnknownKind,
                        $"This version of Wombat has no handler for jobs of kind {job.Kind}."
                    );
                await handler.RequeuedAsync(job, cancel);
                auditLog.Record<object>(EventAction.JobRetried, "job", job.Id, job.ProjectId);
                await db.SaveChangesAsync(cancel);
                var answer = AcceptedJob.Of(job, mapper, actions);
                await db.AddNamesAsync(answer, cancel);
                return answer;
            },
            cancellationToken
        );
}
