using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Commands;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;

namespace Wombat.Application.Projects;

/// <summary>Waits until the jobs that delete the project's resources have ended, then deletes the project.</summary>
internal sealed class DeleteProjectJob(
    IWombatDbContext db,
    AuditLog auditLog,
    ResourceDeletion deletion,
    ProjectDeletion projectDeletion,
    ResourceKinds kinds,
    RunCancellation runs,
    TimeProvider clock
) : IJobHandler
{
    public static readonly JobKind Kind = new("project.delete", Permission.ProjectDelete) { OutlivesProject = true };

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    public async Task RunAsync(JobRun run, CancellationToken cancel)
    {
        var project = await db.Projects.SingleOrDefaultAsync(p => p.Id == run.ProjectId, cancel);
        if (project is null)
        {
            return;
        }

        var living = await db.Resources.Where(r => r.ProjectId == run.ProjectId && r.Status != ResourceStatus.Deleted).ToListAsync(cancel);
        var stuck = living.Where(r => r.Status != ResourceStatus.Deleting).ToList();
        if (stuck.Count > 0 && run.Progress is null)
        {
            // A manual retry: request the deletion of the remaining resources again.
            await db.InTransactionAsync(
                async token =>
                {
                    await deletion.BeginAllAsync(stuck, token);
                    return await db.SaveChangesAsync(token);
                },
                cancel
            );
        }
        else if (stuck.Count > 0)
        {
            throw new JobFailedException(
                ErrorCode.ResourceNotDeleted,
                $"{stuck[0].Name} could not be deleted: {stuck[0].StatusReason ?? "see its last job"}"
            );
        }

        var trashed = await PurgeAsync(run, cancel);
        var running = await runs.CancelAllAsync(project.Id, cancel);
        if (living.Count > 0 || trashed || running)
        {
            if (run.Progress is null && living.Count > 0)
            {
                await run.Log.WriteAsync(
                    $"Waiting for {living.Count} resource(s) to be deleted: {string.Join(", ", living.Select(r => r.Name))}",
                    cancel
                );
            }

            throw new JobSnoozedException(PollInterval, progress: 0);
        }

        // Saved with the end of the job; the locks are not needed until then.
        var ended = await projectDeletion.CompleteAsync(project, cancel);
        auditLog.Record(EventAction.ProjectDeleted, "project", project.Id, project.Id, after: ended);
        await run.Log.WriteAsync($"Deleted the project {project.UnixName}.", cancel);
    }

    // Deleted resources that could be restored go with the project.
    private async Task<bool> PurgeAsync(JobRun run, CancellationToken cancel)
    {
        var trashed = await db
            .Resources.AsNoTracking()
            .Where(r => r.ProjectId == run.ProjectId && r.Status == ResourceStatus.Deleted && r.RestorableUntil != null)
            .ToListAsync(cancel);
        var ids = trashed.Select(r => r.Id).ToArray();
        return trashed.Count > 0
            && await db.InTransactionAsync(
                async token =>
                {
                    var active = (await db.LockActiveJobsAsync(ids, token)).ToLookup(j => j.ResourceId);
                    foreach (var resource in trashed.Where(r => !active[r.Id].Any()))
                    {
                        var purge = kinds.Of(resource).PurgeJob;
                        if (
                            run.Progress is not null
                            && await db.Jobs.AnyAsync(
                                j => j.ResourceId == resource.Id && j.Kind == purge.Name && j.ParentId == run.Id,
                                token
                            )
                        )
                        {
                            throw new JobFailedException(
                                ErrorCode.ResourceNotDeleted,
                                $"What is left of {resource.Name} could not be deleted: see its last job"
                            );
                        }

                        deletion.Purge(resource);
                    }

                    await db.SaveChangesAsync(token);
                    return true;
                },
                cancel
            );
    }

    public async Task EndedAsync(EndedJob job, CancellationToken cancel)
    {
        if (await db.Projects.AnyAsync(p => p.Id == job.ProjectId, cancel))
        {
            var project = await db.LockProjectAsync(job.ProjectId!.Value, exclusive: true, cancel);
            project.AbandonDelete(clock.GetUtcNow());
            auditLog.Record(EventAction.ProjectDeleteFailed, "project", project.Id, project.Id, after: job.Error, outcome: "failure");
        }
    }

    public async Task RequeuedAsync(Job job, CancellationToken cancel)
    {
        var project = await db.LockProjectAsync(job.ProjectId!.Value, exclusive: true, cancel);
        project.BeginDelete(clock.GetUtcNow());
        auditLog.Record<object>(EventAction.ProjectDeleting, "project", project.Id, project.Id);
    }
}
