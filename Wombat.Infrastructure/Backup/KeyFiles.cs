using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Backup;

/// <summary>The key files that a database is of little use without, and which therefore do not lie in it.</summary>
public static class KeyFiles
{
    /// <summary>Each with its place by the settings, whether or not it exists.</summary>
    public static IReadOnlyList<(string Name, string Path)> Of(WombatSettings settings) =>
        [
            ("secrets-key", settings.SecretsKeyFile ?? Path.Combine(settings.DataDirectory, "secrets-key")),
            ("audit-key.pem", settings.Audit.SigningKeyFile ?? Path.Combine(settings.DataDirectory, "audit-key.pem")),
        ];
}
