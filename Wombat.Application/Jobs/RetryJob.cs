using AutoMapper;
using MediatR;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Users;

namespace Wombat.Application.Jobs;

/// <summary>Queues a failed or cancelled job again.</summary>
[Requires(Permission.JobOperate)]
public sealed record RetryJob(Guid Id) : IRequest<JobDto>;

internal sealed class RetryJobHandler(IWombatDbContext db, IMapper mapper, Journal journal, JobHandlers handlers, TimeProvider clock) : IRequestHandler<RetryJob, JobDto>
{
    private const int MoreAttempts = 5;

    public Task<JobDto> Handle(RetryJob request, CancellationToken cancellationToken) => db.InTransactionAsync(async cancel =>
    {
        var job = await db.LockJobAsync(request.Id, cancel);
        job.Retry(MoreAttempts, clock.GetUtcNow());
        await handlers.Get(job.Kind).RequeuedAsync(job, cancel);
        journal.Record<object>("job.retried", "job", job.Id, job.ProjectId);
        await db.SaveChangesAsync(cancel);
        return mapper.Map<JobDto>(job);
    }, cancellationToken);
}
