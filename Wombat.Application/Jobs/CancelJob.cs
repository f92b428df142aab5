using AutoMapper;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Jobs;

/// <summary>Ends a waiting job immediately. A running job is asked to stop and ends when its processes have exited.</summary>
[RequirePermission(Permission.JobOperate)]
public sealed record CancelJob(Guid JobId) : IRequest<AcceptedJob>, IJobAction, IIdempotentCommand
{
    JobAction IJobAction.Action => JobAction.Cancel;
}

internal sealed class CancelJobHandler(IWombatDbContext db, IMapper mapper, JobCancellation cancellation, JobActions actions)
    : IRequestHandler<CancelJob, AcceptedJob>
{
    public Task<AcceptedJob> Handle(CancelJob request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var job = await db.LockJobAsync(request.JobId, cancel);
                await cancellation.CancelAsync(job, cancel);
                await db.SaveChangesAsync(cancel);
                var answer = AcceptedJob.Of(job, mapper, actions);
                await db.AddNamesAsync(answer, cancel);
                return answer;
            },
            cancellationToken
        );
}
