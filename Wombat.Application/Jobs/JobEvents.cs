using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>The events that tell how jobs ended: <c>job.succeeded</c>, <c>job.failed</c>, <c>job.cancelled</c>.</summary>
public static class JobEvents
{
    public static void RecordEnd(AuditLog auditLog, Job job) =>
        RecordEnd(auditLog, job.Id, job.ProjectId, job.State, new JobEnd(job.Kind, job.ResourceId, job.Attempt, job.Error));

    public static void RecordEnd(AuditLog auditLog, Guid job, Guid? project, JobState state, JobEnd end) =>
        auditLog.Record(
            $"job.{FieldNames.Snake(state.ToString())}",
            "job",
            job,
            project,
            after: end,
            outcome: state == JobState.Failed ? "failure" : "success"
        );
}

/// <summary>What an event tells of a job that ended.</summary>
public sealed record JobEnd(string Kind, Guid? ResourceId, int Attempt, JobError? Error);
