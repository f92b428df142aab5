using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Backup;

/// <summary>The key files that are needed to use the database and are stored outside it.</summary>
public static class KeyFiles
{
    /// <summary>The name and configured path of each file, whether or not it exists.</summary>
    public static IReadOnlyList<(string Name, string Path)> Of(WombatSettings settings) =>
        [
            ("secrets-key", settings.SecretsKeyFile ?? Path.Combine(settings.DataDirectory, "secrets-key")),
            ("audit-key.pem", settings.Audit.SigningKeyFile ?? Path.Combine(settings.DataDirectory, "audit-key.pem")),
        ];
}
