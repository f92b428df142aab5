using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Commands;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Commands;

/// <summary>Who has to approve runs, and who cannot.</summary>
internal sealed class RunApprovals(IWombatDbContext db, RequestContext context, TimeProvider clock)
{
    /// <summary>
    /// Lets a run wait for the approval that its command demands, when the run was requested or now. Its job starts when somebody has
    /// approved it, or to reject it when the time for that is over. The caller saves.
    /// </summary>
    public async Task RequestAsync(Run run, Job job, CancellationToken cancel)
    {
        var now = await db.Commands.AsNoTracking().SingleOrDefaultAsync(c => c.Id == run.CommandId, cancel);
        var spec = now?.Spec.ApprovalBy is null ? run.Inputs.Spec : now.Spec;
        if (spec.ApprovalBy is { } role)
        {
            var expiry = clock.GetUtcNow().AddSeconds(spec.ApprovalSeconds);
            run.RequestApproval(
                new RunApproval
                {
                    By = role,
                    RequesterId = await FindPersonAsync(cancel),
                    ExpiresAt = expiry,
                }
            );
            job.StartAt(expiry);
        }
    }

    // A token of a project acts for the person who has created it.
    private async Task<Guid?> FindPersonAsync(CancellationToken cancel) =>
        context.Caller is { UserId: null, CredentialId: { } token }
            ? await db.AccessTokens.Where(t => t.Id == token).Select(t => t.CreatedById).SingleOrDefaultAsync(cancel)
            : context.Caller?.UserId;
}
