using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;

namespace Wombat.Application.Tiers;

/// <summary>Gives the databases of a tier what it promises now; a job changes a few at a time and stops at the first failure.</summary>
[RequirePermission(Permission.TierManage)]
public sealed record RollOutTier(string Name, int? Parallel) : IRequest<AcceptedJob>, IIdempotentCommand;

internal sealed class RollOutTierValidator : AbstractValidator<RollOutTier>
{
    public RollOutTierValidator() =>
        RuleFor(m => m.Parallel).InclusiveBetween(1, TierRollout.MaxParallel).WithMessage($"must be from 1 to {TierRollout.MaxParallel}");
}

internal sealed class RollOutTierHandler(IWombatDbContext db, JobScheduler jobs, JobActions actions, IMapper mapper, AuditLog auditLog)
    : IRequestHandler<RollOutTier, AcceptedJob>
{
    public Task<AcceptedJob> Handle(RollOutTier request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => EnqueueAsync(request, cancel), cancellationToken);

    private async Task<AcceptedJob> EnqueueAsync(RollOutTier request, CancellationToken cancel)
    {
        // Exclusive, so that two requests do not start two jobs.
        var tier = await db.LockTierAsync(request.Name, exclusive: true, cancel) ?? throw new NotFoundException("tier");
        var kind = RollOutTierJob.Kind;
        var unfinished = await db.Jobs.Unfinished().Where(j => j.Kind == kind.Name).Select(j => j.Arguments).ToListAsync(cancel);
        if (unfinished.Exists(a => RollOutTierJob.TierOf(a) == tier.Name))
        {
            throw new ConflictException(ErrorCode.RolloutUnfinished, $"A job already rolls out the tier {tier.Name}.");
        }

        var arguments = new TierRollout(tier.Name, request.Parallel ?? TierRollout.DefaultParallel);
        var job = jobs.Enqueue(kind, arguments);
        auditLog.Record(EventAction.TierRolloutRequested, "tier", Guid.Empty, null, after: arguments);
        await db.SaveChangesAsync(cancel);
        return AcceptedJob.Of(job, mapper, actions);
    }
}
