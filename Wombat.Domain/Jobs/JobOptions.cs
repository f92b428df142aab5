namespace Wombat.Domain.Jobs;

/// <summary>How a job is run.</summary>
/// <param name="Attempts">The maximum number of attempts; the same number again after a manual retry.</param>
/// <param name="IsRepeatable">
/// Whether it may run again by itself when its worker was lost or an attempt failed for an unknown reason. A job that is not repeatable
/// ends as interrupted or failed then.
/// </param>
/// <param name="Priority">The priority within a project. Lower values run first.</param>
public sealed record JobOptions(int Attempts = 5, bool IsRepeatable = true, short Priority = 0);
