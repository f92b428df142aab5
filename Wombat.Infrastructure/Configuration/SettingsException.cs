namespace Wombat.Infrastructure.Configuration;

/// <summary>Settings are wrong, missing or unknown. The message has a line for each that begins with its name, and is all that the operator sees.</summary>
public sealed class SettingsException : Exception
{
    public SettingsException(string setting, string problem)
        : this([$"{setting}: {problem}"]) { }

    public SettingsException(IReadOnlyList<string> problems)
        : base(string.Join('\n', problems)) { }
}
