using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Commands;

/// <summary>Approves or rejects a run that waits for a second person.</summary>
/// <param name="Reason">Why it is rejected.</param>
[RequirePermission(Permission.CommandRun)]
public sealed record DecideRun(Guid RunId, bool IsApproved, string? Reason) : IRequest<RunDto>, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Run;

    Guid ICommandScoped.ItemId => RunId;
}

internal sealed class DecideRunValidator : AbstractValidator<DecideRun>
{
    public DecideRunValidator() => RuleFor(m => m.Reason).MaximumLength(RunApproval.ReasonMax).PlainText(multiline: true);
}

internal sealed class DecideRunHandler(
    IWombatDbContext db,
    RunRequests requests,
    RunActions actions,
    JobCancellation cancellation,
    AuditLog auditLog,
    RequestContext context,
    TimeProvider clock
) : IRequestHandler<DecideRun, RunDto>
{
    public Task<RunDto> Handle(DecideRun request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => DecideAsync(request, cancel), cancellationToken);

    private async Task<RunDto> DecideAsync(DecideRun request, CancellationToken cancel)
    {
        // The lock of the job orders two decisions, a cancellation and the expiry.
        var job = await db.LockJobAsync(request.RunId, cancel);
        var run = await db.FindRunAsync(request.RunId, cancel);
        var now = clock.GetUtcNow();
        if (run is not { AwaitsApproval: true, Approval: { } approval } || job.State != JobState.Queued || approval.ExpiresAt <= now)
        {
            throw new ConflictException(ErrorCode.ApprovalNotPending, "The run does not wait for an approval.");
        }

        requests.EnsureRole(approval.By);
        if (!approval.IsSecondPerson(context.Caller!))
        {
            throw new ForbiddenException(ErrorCode.ApprovalByRequester, "A second person has to decide about this run.");
        }

        run.Decide(
            request.IsApproved ? ApprovalState.Approved : ApprovalState.Rejected,
            context.Caller!.Name,
            request.IsApproved ? null : request.Reason,
            now
        );
        auditLog.Record(
            request.IsApproved ? EventAction.RunApproved : EventAction.RunRejected,
            "run",
            run.Id,
            run.ProjectId,
            after: new
            {
                run.CommandName,
                job.RequestedBy,
                run.Approval,
            }
        );
        if (request.IsApproved)
        {
            job.StartAt(now);
            await requests.MakeWayAsync(run, cancel);
        }
        else
        {
            await cancellation.CancelAsync(job, cancel);
        }

        await db.SaveChangesAsync(cancel);
        return actions.Apply(RunDto.Of(run, job));
    }
}
