using AutoMapper;
using MediatR;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Users;

namespace Wombat.Application.Jobs;

/// <summary>Ends what waits at once; what runs is told to stop and ends when its processes are gone.</summary>
[Requires(Permission.JobOperate)]
public sealed record CancelJob(Guid Id) : IRequest<JobDto>;

internal sealed class CancelJobHandler(IWombatDbContext db, IMapper mapper, Journal journal, JobHandlers handlers, RequestContext context, TimeProvider clock)
    : IRequestHandler<CancelJob, JobDto>
{
    public Task<JobDto> Handle(CancelJob request, CancellationToken cancellationToken) => db.InTransactionAsync(async cancel =>
    {
        var job = await db.LockJobAsync(request.Id, cancel);
        if (job.Cancel(context.Caller!.Name, clock.GetUtcNow()))
        {
            await handlers.Get(job.Kind).EndedAsync(JobHandlers.Describe(job), cancel);
        }

        journal.Record<object>("job.cancel_requested", "job", job.Id, job.ProjectId);
        await db.SaveChangesAsync(cancel);
        return mapper.Map<JobDto>(job);
    }, cancellationToken);
}
