using Microsoft.EntityFrameworkCore;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Changes;

/// <summary>What a reader sees of a job that has not ended. Most of it changes without an event.</summary>
public sealed record UnfinishedJob(
    Guid Id,
    Guid? ProjectId,
    JobState State,
    int Attempt,
    short? Progress,
    bool CancelRequested,
    string? ErrorCode
)
{
    /// <summary>How many waiting jobs are read, the newest, and how many running ones.</summary>
    public const int Max = 5000;

    public static async Task<IReadOnlyList<UnfinishedJob>> ReadAllAsync(IQueryable<Job> jobs, CancellationToken cancel)
    {
        // One statement for each partial index of the jobs table.
        var waiting = await ReadAsync(jobs.Where(j => j.State == JobState.Queued || j.State == JobState.WaitingRetry), cancel);
        var running = await ReadAsync(jobs.Where(j => j.State == JobState.Running), cancel);

        // A job that was claimed between the two reads is in both.
        return [.. running, .. waiting.ExceptBy(running.Select(r => r.Id), w => w.Id)];
    }

    private static Task<List<UnfinishedJob>> ReadAsync(IQueryable<Job> jobs, CancellationToken cancel) =>
        jobs.AsNoTracking()
            .OrderByDescending(j => j.Id)
            .Take(Max)
            .Select(j => new UnfinishedJob(
                j.Id,
                j.ProjectId,
                j.State,
                j.Attempt,
                j.Progress,
                j.CancelRequested,
                j.Error == null ? null : j.Error.Code
            ))
            .ToListAsync(cancel);
}
