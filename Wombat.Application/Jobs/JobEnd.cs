using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>What an event tells of a job that ended.</summary>
public sealed record JobEnd(string Kind, Guid? ResourceId, int Attempt, JobError? Error);
