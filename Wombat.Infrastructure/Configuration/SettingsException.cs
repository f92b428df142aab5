namespace Wombat.Infrastructure.Configuration;

/// <summary>Settings are invalid, missing or unknown. The message has one line per setting, starting with its name, for the operator.</summary>
public sealed class SettingsException : Exception
{
    public SettingsException(string setting, string problem)
        : this([$"{setting}: {problem}"]) { }

    public SettingsException(IReadOnlyList<string> problems)
        : base(string.Join('\n', problems)) { }
}
