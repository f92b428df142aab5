using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>A job that failed for good, was cancelled or was interrupted.</summary>
public sealed record EndedJob(Guid Id, string Kind, Guid? ProjectId, Guid? ResourceId, JobState State, JobError Error);
