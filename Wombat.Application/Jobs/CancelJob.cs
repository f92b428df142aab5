using AutoMapper;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;

namespace Wombat.Application.Jobs;

/// <summary>Ends a waiting job immediately. A running job is asked to stop and ends when its processes have exited.</summary>
[RequirePermission(Permission.JobOperate)]
public sealed record CancelJob(Guid JobId) : IRequest<AcceptedJob>, IJobAction, IIdempotentCommand
{
    JobAction IJobAction.Action => JobAction.Cancel;
}

internal sealed class CancelJobHandler(
    IWombatDbContext db,
    IMapper mapper,
    AuditLog auditLog,
    JobHandlers handlers,
    JobActions actions,
    RequestContext context,
    TimeProvider clock
) : IRequestHandler<CancelJob, AcceptedJob>
{
    public Task<AcceptedJob> Handle(CancelJob request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var job = await db.LockJobAsync(request.JobId, cancel);
                var hasEnded = job.Cancel(context.Caller!.Name, clock.GetUtcNow());
                auditLog.Record<object>(EventAction.JobCancelRequested, "job", job.Id, job.ProjectId);
                if (hasEnded)
                {
                    JobEvents.RecordEnd(auditLog, job);
                    await (handlers.Find(job.Kind)?.EndedAsync(JobHandlers.Describe(job), cancel) ?? Task.CompletedTask);
                }

                await db.SaveChangesAsync(cancel);
                var answer = AcceptedJob.Of(job, mapper, actions);
                await db.AddNamesAsync(answer, cancel);
                return answer;
            },
            cancellationToken
        );
}
