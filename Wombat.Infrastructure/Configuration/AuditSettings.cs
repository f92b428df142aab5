namespace Wombat.Infrastructure.Configuration;

/// <param name="Retention">After which whole months of the audit are dropped; null keeps all.</param>
/// <param name="SigningKeyFile">PEM of an EC private key; null for one created in the data directory. Replicas share one.</param>
/// <param name="RefusalsPerMinute">Refused requests of one caller that are written to the audit in a minute; more are only counted. 0 for no limit.</param>
public sealed record AuditSettings(TimeSpan? Retention, string? SigningKeyFile, int RefusalsPerMinute)
{
    internal static AuditSettings Read(SettingsReader reader) =>
        new(
            reader.Retention("audit.retention_days"),
            reader.Text("audit.signing_key_file"),
            reader.Number("audit.refusals_per_minute", 60, 0, 1_000_000)
        );
}
