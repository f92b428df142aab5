using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>The data of an event about a job that ended.</summary>
public sealed record JobEnd(string Kind, Guid? ResourceId, int Attempt, JobError? Error);
