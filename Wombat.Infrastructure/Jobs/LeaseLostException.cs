namespace Wombat.Infrastructure.Jobs;

/// <summary>The worker no longer holds the job: another one claimed it or its end was already saved. Further results are discarded.</summary>
internal sealed class LeaseLostException() : Exception("The job's lease was lost.");
