namespace Wombat.Infrastructure.Configuration;

/// <param name="Concurrency">How many jobs one process runs at the same time.</param>
/// <param name="Lease">How long a claim is valid without a heartbeat.</param>
/// <param name="Drain">How long running jobs may continue after SIGTERM.</param>
/// <param name="RetryBase">The delay before the second attempt; it doubles with each further attempt.</param>
/// <param name="Retention">How long jobs and their logs are kept after their end; null for ever.</param>
/// <param name="LogMaxBytes">How much of a program's output the log of a job stores; the rest is dropped.</param>
public sealed record JobSettings(
    int Concurrency,
    TimeSpan Lease,
    TimeSpan Drain,
    TimeSpan RetryBase,
    TimeSpan? Retention = null,
    long LogMaxBytes = JobSettings.DefaultLogMaxMiB * 1024L * 1024
)
{
    public const int DefaultLogMaxMiB = 64;

    /// <summary>The lease of jobs whose work goes on during an outage of the database of less than about three quarters of it.</summary>
    public TimeSpan OutageLease => Lease * 4;

    internal static JobSettings Read(SettingsReader reader) =>
        new(
            reader.Number("jobs.concurrency", 16, 1, 1000),
            reader.Seconds("jobs.lease_seconds", 10, 1, 3600),
            reader.Seconds("jobs.drain_seconds", 10, 0, 3600),
            reader.Seconds("jobs.retry_base_seconds", 2, 0.01, 3600),
            reader.Retention("jobs.retention_days"),
            reader.Number("jobs.log_max_mib", DefaultLogMaxMiB, 1, 1_000_000) * 1024L * 1024
        );
}
