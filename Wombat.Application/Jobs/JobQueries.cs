using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
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

    /// <summary>Sets the names of the project and of the resource of a job.</summary>
    internal static async Task AddNamesAsync(this IWombatDbContext db, JobDto job, CancellationToken cancel)
    {
        var names = await db
            .Jobs.Where(j => j.Id == job.Id)
            .Select(j => new
            {
                Project = db.Projects.Where(p => p.Id == j.ProjectId).Select(p => p.Name).FirstOrDefault(),
                Resource = db.Resources.Where(r => r.Id == j.ResourceId).Select(r => r.Name).FirstOrDefault(),
            })
            .SingleOrDefaultAsync(cancel);
        (job.ProjectName, job.ResourceName) = (names?.Project, names?.Resource);
    }
}
