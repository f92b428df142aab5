using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>Conditions on jobs that several queries share.</summary>
public static class JobQueries
{
    /// <summary>The jobs that wait or run.</summary>
    public static IQueryable<Job> Unfinished(this IQueryable<Job> jobs) =>
        jobs.Where(j => j.State == JobState.Queued || j.State == JobState.WaitingRetry || j.State == JobState.Running);

    /// <summary>The jobs that wait for their first or next attempt.</summary>
    public static IQueryable<Job> Waiting(this IQueryable<Job> jobs) =>
        jobs.Where(j => j.State == JobState.Queued || j.State == JobState.WaitingRetry);
}
