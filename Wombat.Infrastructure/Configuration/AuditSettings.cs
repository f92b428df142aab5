namespace Wombat.Infrastructure.Configuration;

/// <param name="Retention">How long events are kept; whole months are dropped. Null for ever.</param>
/// <param name="SigningKeyFile">PEM of an EC private key; null for one created in the data directory. Replicas share one.</param>
/// <param name="RefusalsPerMinute">How many failed requests of one caller are written to the audit log per minute; more are only counted. 0 for no limit.</param>
public sealed record AuditSettings(TimeSpan? Retention, string? SigningKeyFile, int RefusalsPerMinute)
{
    internal static AuditSettings Read(SettingsReader reader) =>
        new(
            reader.Retention("audit.retention_days"),
            reader.Text("audit.signing_key_file"),
            reader.Number("audit.refusals_per_minute", 60, 0, 1_000_000)
        );
}
