namespace Wombat.Infrastructure.Configuration;

/// <summary>A setting is wrong, missing or unknown. The message begins with its name and is all that the operator sees.</summary>
public sealed class SettingsException(string setting, string problem) : Exception($"{setting}: {problem}");
