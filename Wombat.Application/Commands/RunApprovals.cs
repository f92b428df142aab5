using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Commands;
using Wombat.Domain.Jobs;
using Wombat.Domain.Members;

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
        var current = (await db.LockCommandAsync(run.CommandId, cancel))?.Spec;
        var recorded = run.Inputs.Spec;
        var spec = current?.ApprovalBy > (recorded.ApprovalBy ?? ProjectRole.Viewer) ? current : recorded;
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

    // A token of a project acts for the person who has created it, also by way of other tokens.
    private async Task<Guid?> FindPersonAsync(CancellationToken cancel)
    {
        var token = context.Caller is { UserId: null } caller ? caller.CredentialId : null;
        while (token is { } id)
        {
            var row = await db
                .AccessTokens.Where(t => t.Id == id)
                .Select(t => new { t.CreatedById, t.ParentTokenId })
                .SingleOrDefaultAsync(cancel);
            if (row?.CreatedById is { } person)
            {
                return person;
            }

            token = row?.ParentTokenId;
        }

        return context.Caller?.UserId;
    }
}
