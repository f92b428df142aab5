using Wombat.Application.Audit;
using Wombat.Domain.Audit;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>The events at the end of a job: <c>job.succeeded</c>, <c>job.failed</c>, <c>job.cancelled</c>, <c>job.interrupted</c>.</summary>
public static class JobEvents
{
    public static void RecordEnd(AuditLog auditLog, Job job) =>
        RecordEnd(auditLog, job.Id, job.ProjectId, job.State, new JobEnd(job.Kind, job.ResourceId, job.Attempt, job.Error));

    public static void RecordEnd(AuditLog auditLog, Guid job, Guid? project, JobState state, JobEnd end) =>
        auditLog.Record(
            ActionOf(state),
            "job",
            job,
            project,
            after: end,
            outcome: state is JobState.Failed or JobState.Interrupted ? "failure" : "success"
        );

    private static EventAction ActionOf(JobState end) =>
        end switch
        {
            JobState.Succeeded => EventAction.JobSucceeded,
            JobState.Failed => EventAction.JobFailed,
            JobState.Cancelled => EventAction.JobCancelled,
            JobState.Interrupted => EventAction.JobInterrupted,
            _ => throw new ArgumentOutOfRangeException(nameof(end), end, "The job has not ended."),
        };
}
