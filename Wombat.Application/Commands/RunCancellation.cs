using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Cancels runs that something else requires to end.</summary>
internal sealed class RunCancellation(IWombatDbContext db, JobCancellation cancellation)
{
    /// <summary>Cancels the unfinished runs of a project that is being deleted. Returns whether there were any.</summary>
    public async Task<bool> CancelAllAsync(Guid project, CancellationToken cancel) =>
        await UnfinishedOf(r => r.ProjectId == project, cancel) is { Length: > 0 } unfinished
        && await db.InTransactionAsync(
            async token =>
            {
                await CancelAsync(unfinished, token);
                await db.SaveChangesAsync(token);
                return true;
            },
            cancel
        );

    /// <summary>Runs in the caller's transaction; the caller saves.</summary>
    public async Task CancelAsync(IEnumerable<Guid> runs, CancellationToken cancel)
    {
        foreach (var id in runs)
        {
            var job = await db.LockJobAsync(id, cancel);
            if (!job.IsEnded && !job.CancelRequested)
            {
                await cancellation.CancelAsync(job, cancel);
            }
        }
    }

    /// <summary>The runs under a condition whose jobs have not ended; a run on several hosts before those that belong to it.</summary>
    public Task<Guid[]> UnfinishedOf(Expression<Func<Run, bool>> condition, CancellationToken cancel) =>
        db.Runs.Where(condition).Where(r => !r.IsEnded).OrderBy(r => r.Id).Select(r => r.Id).ToArrayAsync(cancel);
}
