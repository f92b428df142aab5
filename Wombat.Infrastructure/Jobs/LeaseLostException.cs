namespace Wombat.Infrastructure.Jobs;

/// <summary>Another worker has the job now, or its end was saved by someone else. What this one still does counts for nothing.</summary>
internal sealed class LeaseLostException() : Exception("The job's lease was lost.");
